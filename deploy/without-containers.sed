# Makes of deploy/nginx.conf, which is for containers, one for Debian's nginx on the machine of the units in deploy/systemd:
#   sed -f deploy/without-containers.sed deploy/nginx.conf >/etc/nginx/nginx.conf
s/^user nginx;/user www-data;/
s/web:8000/127.0.0.1:8000/
s#alias /data/#alias /var/lib/gallery/#
# A service of systemd cannot open these two.
s#/dev/stderr#/var/log/nginx/error.log#
s#/dev/stdout#/var/log/nginx/access.log#
