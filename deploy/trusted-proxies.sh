#!/bin/sh
# Writes TRUSTED_PROXIES (addresses and networks, separated by commas) as nginx wants it, so that nginx and the site
# believe the same proxies. The image of nginx runs this at its start; without containers run it once:
#   TRUSTED_PROXIES=192.0.2.7 sh deploy/trusted-proxies.sh /etc/nginx/trusted_proxies.conf
set -eu
file=${1:-/etc/nginx/trusted_proxies.conf}
: >"$file"
for proxy in $(printf %s "${TRUSTED_PROXIES:-}" | tr ',' ' '); do
    case $proxy in
        *[!0-9a-fA-F.:/]*)
            echo "TRUSTED_PROXIES has '$proxy' in it; set it to addresses and networks, such as 192.0.2.7,10.1.0.0/16." >&2
            exit 1
            ;;
    esac
    echo "set_real_ip_from $proxy;" >>"$file"
done
