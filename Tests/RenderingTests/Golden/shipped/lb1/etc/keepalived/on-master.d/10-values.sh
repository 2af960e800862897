#!/bin/sh
# lb1 at 198.51.100.11 of web
echo 203.0.113.50
