# Makes of deploy/nginx.conf one that serves plain HTTP on port 80, for BEHIND_TLS=0:
#   sed -f deploy/plain-http.sed deploy/nginx.conf >/etc/nginx/nginx.conf
1s/.*/# Plain HTTP; pages go to `web`, pictures come from the disk after Django has said who may see them./
# The server that leads to TLS goes: it has four more lines.
/^    server {$/{
    N
    /listen 80;/{
        N
        N
        N
        d
    }
}
s/listen 443 ssl http2;.*/listen 80;/
s/listen \[::\]:443 ssl http2;.*/listen [::]:80;/
/^ *ssl_/d
s/X-Forwarded-Proto https;/X-Forwarded-Proto http;/
