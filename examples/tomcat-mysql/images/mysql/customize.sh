#!/bin/sh
# Run by mmdebstrap at the end, with the image's root folder: makes the first database and drops what a
# container never uses.
set -eu
root=$1

chmod 755 "$root/entrypoint.sh"

rm -rf "$root"/var/lib/mysql/*
chroot "$root" mariadb-install-db --user=mysql --datadir=/var/lib/mysql --skip-test-db --force \
  --auth-root-authentication-method=normal --innodb-log-file-size=8M > "$root/tmp/install.log" 2>&1 ||
  { cat "$root/tmp/install.log" >&2; exit 1; }
mv "$root/var/lib/mysql" "$root/usr/share/mysql-first"
mkdir "$root/var/lib/mysql"
chroot "$root" chown mysql:mysql /var/lib/mysql

cd "$root/usr/bin"
for program in aria_* myisam* mariadb-backup mariabackup mbstream mariadb-slap mariadb-binlog mariadb-conv \
  mariadb-plugin mariadb-tzinfo-to-sql mariadb-import mariadb-show mariadb-check mariadb-upgrade mariadb-waitpid \
  innochecksum perror replace resolveip resolve_stack_dump my_print_defaults mariadbd-safe-helper wsrep_*; do
  rm -f "$program"
done
rm -rf "$root"/usr/share/mysql/*.sql "$root"/usr/share/perl "$root"/usr/share/perl5 "$root"/usr/bin/perl* \
  "$root"/usr/lib/*-linux-gnu/perl "$root"/usr/lib/*-linux-gnu/gconv "$root"/usr/lib/*-linux-gnu/libperl.so* \
  "$root"/usr/share/zoneinfo "$root"/usr/lib/galera
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/* "$root"/var/log/* "$root"/var/lib/dpkg/info "$root"/tmp/*
# Links whose program is gone.
find "$root/usr/bin" -xtype l -lname 'mariadb*' -delete
