#!/bin/sh
# Fetches Apache Kafka from Maven Central, once, and prints its class path. The version stands in pom.xml; KAFKA_VERSION is
# another one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

for tool in java mvn; do
  command -v "$tool" > /dev/null && continue
  echo "$tool is missing. On Debian: apt-get install default-jre-headless maven" >&2
  exit 69
done

# Kept beside the artefacts that it names, under the sum of the pom it was made from.
kept="${HOME:?}/.m2/earshot-kafka-${KAFKA_VERSION:+$KAFKA_VERSION-}$(cksum < "$here/pom.xml" | tr -d ' ').classpath"
complete() {
  [ -s "$kept" ] || return 1
  tr ':' '\n' < "$kept" | while read -r jar; do [ -f "$jar" ] || exit 1; done
}

if ! complete; then
  echo 'fetching Apache Kafka from Maven Central (70 MB the first time)' >&2
  mkdir -p "$(dirname "$kept")"
  mvn -q -B -f "$here/pom.xml" ${KAFKA_VERSION:+"-Dkafka.version=$KAFKA_VERSION"} \
    dependency:build-classpath -Dmdep.outputFile="$kept.$$" >&2 || {
    rm -f "$kept.$$"
    echo 'Apache Kafka could not be fetched; see above what Maven says' >&2
    exit 69
  }
  mv "$kept.$$" "$kept"
fi
cat "$kept"
