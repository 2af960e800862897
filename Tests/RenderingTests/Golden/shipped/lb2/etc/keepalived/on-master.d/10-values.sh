#!/bin/sh
# lb2 at 198.51.100.12 of web
echo 203.0.113.50
