#!/bin/sh
# Run by mmdebstrap at the end, with the image's root folder: puts the web page in Tomcat's place and drops what
# a container never uses.
set -eu
root=$1

chmod 755 "$root/entrypoint.sh"

ln -sf ../../java/mariadb-java-client.jar "$root/usr/share/tomcat10/lib/mariadb-java-client.jar"
# Requests are seen in the page; a log file in a container would only grow.
sed -i '/AccessLogValve/,/\/>/d' "$root/etc/tomcat10/server.xml"
# Debian's welcome page, which would be found before ours.
rm -rf "$root/var/lib/tomcat10/webapps/ROOT/index.html" "$root/var/lib/tomcat10/webapps/ROOT/META-INF"
chmod -R a+rX "$root/var/lib/tomcat10/webapps/ROOT"
rm -rf "$root"/usr/share/perl "$root"/usr/share/perl5 "$root"/usr/bin/perl* \
  "$root"/usr/lib/*-linux-gnu/perl "$root"/usr/lib/*-linux-gnu/gconv "$root"/usr/lib/*-linux-gnu/libperl.so* \
  "$root"/usr/share/zoneinfo "$root"/usr/lib/systemd "$root"/usr/lib/*-linux-gnu/systemd \
  "$root"/usr/lib/jvm/*/man "$root"/usr/lib/jvm/*/jmods \
  "$root"/usr/lib/jvm/*/lib/ct.sym "$root"/usr/lib/jvm/*/lib/server/classes_nocoops.jsa
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt "$root"/var/cache/debconf "$root"/var/log/apt \
  "$root"/var/lib/dpkg/info "$root"/tmp/*
