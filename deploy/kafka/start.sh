#!/bin/sh
# Starts a Kafka of one node, or three, on 127.0.0.1 for development; Ctrl-C or SIGTERM stops it.
#
#   deploy/kafka/start.sh [--nodes 3] [--port 9092] [--dir DIR] [--version 3.9.1]
#
# The nodes listen to clients on PORT, PORT+1, …; to each other 10000 and 20000 above. DIR keeps what they have (default:
# data/kafka-NODES of this checkout, one for each version). The environment of node.sh applies.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nodes=1 port=9092 dir=

usage() {
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 64
}
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --nodes) nodes=$2 ;;
    --port) port=$2 ;;
    --dir) dir=$2 ;;
    --version) export KAFKA_VERSION="$2" ;;
    *) usage ;;
  esac
  shift 2
done
case $nodes in 1 | 3) ;; *) usage ;; esac
dir=${dir:-$here/../../data/kafka-$nodes${KAFKA_VERSION:+-$KAFKA_VERSION}}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
[ "$nodes" = 1 ] || export KAFKA_JAVA="${KAFKA_JAVA:--Xmx256m}"

sh "$here/classpath.sh" > /dev/null

ports='' brokers=''
for node in $(seq "$nodes"); do
  client=$((port + node - 1))
  ports="$ports $client:$((client + 10000)):$((client + 20000))"
  brokers="$brokers${brokers:+,}127.0.0.1:$client"
done

pids=''
stop() {
  trap - INT TERM EXIT
  for pid in $pids; do kill "$pid" 2> /dev/null || true; done
  wait
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

for node in $(seq "$nodes"); do
  log="$dir/node-$node.log"
  : > "$log"
  sh "$here/node.sh" "$node" "${ports# }" "$dir/node-$node" >> "$log" 2>&1 &
  pids="$pids $!"
done

for node in $(seq "$nodes"); do
  until grep -q 'Kafka Server started' "$dir/node-$node.log"; do
    for pid in $pids; do
      kill -0 "$pid" 2> /dev/null && continue
      echo "a node ended before it was ready; the last lines of $dir/node-$node.log:" >&2
      tail -n 5 "$dir/node-$node.log" >&2
      exit 1
    done
    sleep 0.2
  done
done
echo "Kafka is ready: $brokers"
wait
