#!/bin/bash
# As that of Qdrant: the program runs beside the shell, which passes a SIGTERM on.
trap 'kill -TERM "$pid" 2>/dev/null' TERM
./qdrant "$@" &
pid=$!
wait $pid
