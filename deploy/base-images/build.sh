#!/usr/bin/env bash
# Makes the base images that the project's Dockerfile, docker-compose.yml and container tests name,
# on a machine that reaches no image registry: from Debian's packages and Maven's artifacts, by the
# ways in which this machine's apt and Maven are set up. Where a registry is reachable this is not needed.
#
#   eclipse-temurin:17-jre   a bare Debian with its OpenJDK 17 (not Temurin's own build)
#   apache/kafka:VERSION     Kafka of the version that the parent pom.xml pins, configured as the original is
#
# Usage: deploy/base-images/build.sh [jre] [kafka]     without arguments: both
#
# Needs root, a Docker engine, debootstrap, and for Kafka a JDK and Maven. What is there already and
# was made from the same recipe is left alone; an image of that name that another made is not touched.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
readonly here root label=dev.omniflow.recipe

say() { printf 'base-images: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "$1 is missing; on Debian: apt-get install $2"
}

# A property of the parent pom.xml.
pinned() {
  sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$root/pom.xml" | head -n 1
}

# What an image is made from, as one word: a change of it makes the image anew.
recipe() {
  cat "$@" | sha256sum | cut -c 1-16
}

# Whether an image has to be made. IMAGE RECIPE
is_stale() {
  local made_from
  made_from=$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$1" 2>/dev/null) || return 0
  if [ -z "$made_from" ]; then
    say "$1 is there, and not from here: left as it is"
    return 1
  fi
  if [ "$made_from" = "$2" ]; then
    say "$1 is up to date"
    return 1
  fi
}

# The archive that apt on this machine takes the release's main packages from.
debian_archive() {
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$1" '$1 == release && $2 == "main" { print $3; exit }'
}

make_jre() {
  local image=eclipse-temurin:17-jre made_from release archive
  made_from=$(recipe "$here/build.sh")
  is_stale "$image" "$made_from" || return 0
  need debootstrap debootstrap
  [ "$(id -u)" = 0 ] || fail "debootstrap needs root"
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  archive=$(debian_archive "$release")
  [ -n "$archive" ] || fail "apt knows no main archive of $release: run apt-get update"
  say "making $image from Debian $release"
  if ! debootstrap --variant=minbase --include=openjdk-17-jre-headless,ca-certificates \
    "$release" "$work/jre" "$archive" >"$work/debootstrap.log" 2>&1; then
    tail -n 8 "$work/debootstrap.log" >&2
    fail "debootstrap failed"
  fi
  (
    cd "$work/jre"
    rm -rf var/cache/apt var/lib/apt/lists/* var/log/* usr/share/{doc,info,locale,man}/*
    mkdir -p var/cache/apt/archives/partial opt/java
    ln -s "$(ls -d usr/lib/jvm/java-17-openjdk-* | sed 's|^|/|')" opt/java/openjdk
  )
  tar -C "$work/jre" --numeric-owner --one-file-system -c . |
    docker import \
      --change "LABEL $label=$made_from" \
      --change 'ENV JAVA_HOME=/opt/java/openjdk' \
      --change 'ENV PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
      --change 'ENV LANG=C.UTF-8' \
      --change 'CMD ["bash"]' \
      - "$image" >/dev/null
  rm -rf "$work/jre"
}

make_kafka() {
  local version image made_from
  version=$(pinned kafka.version)
  image=apache/kafka:$version
  made_from=$(recipe "$here/build.sh" "$here"/kafka/* "$root/pom.xml")
  is_stale "$image" "$made_from" || return 0
  need mvn maven
  docker image inspect eclipse-temurin:17-jre >/dev/null 2>&1 || make_jre
  say "making $image"
  mkdir -p "$work/kafka"
  cp "$here"/kafka/* "$work/kafka"
  if ! mvn -B -q -f "$here/kafka/libraries.xml" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$work/kafka/libs" >"$work/maven.log" 2>&1; then
    tail -n 8 "$work/maven.log" >&2
    fail "Maven did not bring Kafka's jars"
  fi
  docker build -q --label "$label=$made_from" -t "$image" "$work/kafka" >/dev/null
}

need docker docker.io
docker version >/dev/null 2>&1 || fail "no Docker engine answers: start one, or set DOCKER_HOST"
# The engine's own builder, where the buildx plugin is missing.
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ $# -gt 0 ] || set -- jre kafka
for wanted in "$@"; do
  case $wanted in
    jre) make_jre ;;
    kafka) make_kafka ;;
    *) fail "there is no image '$wanted'; name jre or kafka" ;;
  esac
done
