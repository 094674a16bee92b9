#!/bin/sh
# Runs one node of a cluster on 127.0.0.1 in the foreground, formatted before if its folder is new:
#
#   node.sh ID PORTS DIR
#
# PORTS has a word CLIENT:BROKER:CONTROLLER for each node of the cluster, in the order of the ids 1, 2, 3.
#
#   KAFKA_PROTOCOL    of the clients' listener: PLAINTEXT (default), SSL, SASL_PLAINTEXT, SASL_SSL
#   KAFKA_PROPERTIES  a file with more properties, for its certificates and mechanisms
#   KAFKA_SCRAM       users made at formatting, as `SCRAM-SHA-256=[name=N,password=P]`, one per word
#   KAFKA_VERSION     another one than that of pom.xml
#   KAFKA_JAVA        flags of the virtual machine instead of a heap of 512 MB
set -eu
here=$(cd "$(dirname "$0")" && pwd)
id=$1 ports=$2 dir=$3

field() { echo "$1" | cut -d : -f "$2"; }

nodes=0 voters=''
for word in $ports; do
  nodes=$((nodes + 1))
  voters="$voters${voters:+,}$nodes@127.0.0.1:$(field "$word" 3)"
  [ "$nodes" = "$id" ] && own=$word
done
if [ "$nodes" -ge 3 ]; then replicas=3 in_sync=2; else replicas=$nodes in_sync=1; fi

mkdir -p "$dir"
cat > "$dir/server.properties" << END
process.roles=broker,controller
node.id=$id
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
inter.broker.listener.name=BROKER
listeners=CLIENT://127.0.0.1:$(field "$own" 1),BROKER://127.0.0.1:$(field "$own" 2),CONTROLLER://127.0.0.1:$(field "$own" 3)
advertised.listeners=CLIENT://127.0.0.1:$(field "$own" 1),BROKER://127.0.0.1:$(field "$own" 2)
listener.security.protocol.map=CLIENT:${KAFKA_PROTOCOL:-PLAINTEXT},BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$dir/log
auto.create.topics.enable=false
default.replication.factor=$replicas
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$replicas
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
END
[ -z "${KAFKA_PROPERTIES:-}" ] || cat "$KAFKA_PROPERTIES" >> "$dir/server.properties"

classpath=$(sh "$here/classpath.sh")
run() { java ${KAFKA_JAVA:--Xmx512m} -cp "$classpath" -Dorg.slf4j.simpleLogger.showDateTime=true "$@"; }

if [ ! -f "$dir/log/meta.properties" ]; then
  set --
  for user in ${KAFKA_SCRAM:-}; do set -- "$@" --add-scram "$user"; done
  # The same in every cluster: none of them is reached from outside.
  run kafka.tools.StorageTool format --cluster-id ZWFyc2hvdC1rYWZrYS0xMA --config "$dir/server.properties" "$@"
fi
exec java ${KAFKA_JAVA:--Xmx512m} -cp "$classpath" -Dorg.slf4j.simpleLogger.showDateTime=true \
  kafka.Kafka "$dir/server.properties"
