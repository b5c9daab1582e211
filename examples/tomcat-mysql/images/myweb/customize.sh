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

# Runs Tomcat once and asks for every page, so that the image holds the compiled pages, and the classes in the form
# that Java loads fastest. In a network of its own: the port may be taken on this machine.
unshare --net sh -s -- "$root" << 'END'
set -eu
ip link set lo up
env MYSQL_SERVICE_HOST=127.0.0.1 MYSQL_SERVICE_PORT=1 MYSQL_DATABASE=none MYSQL_ROOT_PASSWORD=none \
  JAVA_TOOL_OPTIONS=-XX:ArchiveClassesAtExit=/usr/share/tomcat10/classes.jsa \
  chroot "$1" /entrypoint.sh > "$1/tmp/tomcat.log" 2>&1 &
tomcat=$!
ask() { # page
  chroot "$1" bash -c 'exec 3<> /dev/tcp/127.0.0.1/8080 && printf "GET /%s HTTP/1.0\r\n\r\n" "$1" >&3 && head -n 1 <&3' ask "$2" \
    2> /dev/null
}
tries=0
until ask "$1" health.jsp | grep -q ' 503 '; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$tomcat" 2> /dev/null; then
    cat "$1/tmp/tomcat.log" >&2
    exit 1
  fi
  sleep 0.2
done
ask "$1" index.jsp | grep -q ' 503 '
kill "$tomcat"
wait "$tomcat" || true
test -s "$1/usr/share/tomcat10/classes.jsa"
END

rm -rf "$root"/usr/share/perl "$root"/usr/share/perl5 "$root"/usr/bin/perl* \
  "$root"/usr/lib/*-linux-gnu/perl "$root"/usr/lib/*-linux-gnu/gconv "$root"/usr/lib/*-linux-gnu/libperl.so* \
  "$root"/usr/share/zoneinfo "$root"/usr/lib/systemd "$root"/usr/lib/*-linux-gnu/systemd \
  "$root"/usr/lib/jvm/*/man "$root"/usr/lib/jvm/*/jmods \
  "$root"/usr/lib/jvm/*/lib/ct.sym "$root"/usr/lib/jvm/*/lib/server/classes_nocoops.jsa
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt "$root"/var/cache/debconf \
  "$root"/var/lib/dpkg/info "$root"/tmp/*
find "$root/var/log" -type f -delete
