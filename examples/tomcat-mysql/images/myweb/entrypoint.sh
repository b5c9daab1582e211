#!/bin/sh
# Starts Tomcat in the foreground, its log on standard output.
set -eu
export CATALINA_HOME=/usr/share/tomcat10 CATALINA_BASE=/var/lib/tomcat10 CATALINA_TMPDIR=/tmp
JAVA_HOME=$(dirname "$(dirname "$(readlink -f /usr/bin/java)")")
export JAVA_HOME LC_ALL=C.UTF-8
# A small heap, and the compiler that starts fast rather than the one that ends fastest.
export CATALINA_OPTS="${CATALINA_OPTS:--Xmx192m -XX:+UseSerialGC -XX:TieredStopAtLevel=1}"
# Classes as the image's first run left them; Java does without where they do not fit.
if [ -f /usr/share/tomcat10/classes.jsa ]; then
  CATALINA_OPTS="$CATALINA_OPTS -XX:SharedArchiveFile=/usr/share/tomcat10/classes.jsa -Xshare:auto"
fi
exec "$CATALINA_HOME/bin/catalina.sh" run
