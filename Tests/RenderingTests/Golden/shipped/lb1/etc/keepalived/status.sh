#!/bin/sh
# {{node}}, as it stands here
echo "$3"
