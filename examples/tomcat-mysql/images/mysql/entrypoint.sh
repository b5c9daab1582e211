#!/bin/sh
# Starts MariaDB on /var/lib/mysql, which is filled on the first start: from a database made when the image was
# built, so that a start takes a second or two.
set -eu

: "${MYSQL_ROOT_PASSWORD:?set MYSQL_ROOT_PASSWORD to the password that root shall have}"

if [ ! -d /var/lib/mysql/mysql ]; then
  cp -a /usr/share/mysql-first/. /var/lib/mysql/
fi
chown -R mysql:mysql /var/lib/mysql
mkdir -p /run/mysqld
chown mysql:mysql /run/mysqld

# A quote is doubled and a backslash too, as SQL strings want it.
password=$(printf '%s' "$MYSQL_ROOT_PASSWORD" | sed -e 's/\\/\\\\/g' -e "s/'/''/g")
{
  printf "CREATE USER IF NOT EXISTS root@'%%' IDENTIFIED BY '%s';\n" "$password"
  printf "ALTER USER root@'%%' IDENTIFIED BY '%s';\n" "$password"
  printf "ALTER USER root@localhost IDENTIFIED BY '%s';\n" "$password"
  printf "GRANT ALL PRIVILEGES ON *.* TO root@'%%' WITH GRANT OPTION;\n"
  if [ -n "${MYSQL_DATABASE:-}" ]; then
    printf 'CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4;\n' "$MYSQL_DATABASE"
  fi
} > /run/mysqld/init.sql
chown mysql:mysql /run/mysqld/init.sql
chmod 600 /run/mysqld/init.sql

# The init file is done before the first connection is taken.
exec mariadbd --user=mysql --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock \
  --bind-address=0.0.0.0 --skip-name-resolve --innodb-log-file-size=8M --init-file=/run/mysqld/init.sql "$@"
