#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A client of the API that is not written in Go: signs a request with openssl and
# sends it with curl. Prints the body, then a line with HTTP version and status.
# usage: KEY_ID=.. KEY_FILE=.. CA=.. SOURCE=.. oci-curl.sh METHOD URL [BODY] [CURL OPTION...]
# https://docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm
set -eu
method=$1 url=$2 body=${3-}
shift 2; [ $# -eq 0 ] || shift
rest=${url#https://}; host=${rest%%/*}; path=/${rest#*/}
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
lower=$(printf %s "$method" | tr A-Z a-z)
headers='(request-target) host date'
text=$(printf '(request-target): %s %s\nhost: %s\ndate: %s' "$lower" "$path" "$host" "$date")
if [ "$method" = PUT ] || [ "$method" = POST ]; then
    digest=$(printf %s "$body" | openssl dgst -sha256 -binary | openssl base64 -A)
    length=$(printf %s "$body" | wc -c)
    headers="$headers x-content-sha256 content-type content-length"
    text=$(printf '%s\nx-content-sha256: %s\ncontent-type: application/json\ncontent-length: %s' "$text" "$digest" "$length")
    set -- "$@" -H "x-content-sha256: $digest" -H 'content-type: application/json' --data-binary "$body"
fi
signature=$(printf %s "$text" | openssl dgst -sha256 -sign "$KEY_FILE" -binary | openssl base64 -A)
exec curl -sS --max-time 10 --cacert "$CA" --interface "$SOURCE" -X "$method" -H "date: $date" \
    -H "Authorization: Signature algorithm=\"rsa-sha256\",signature=\"$signature\",keyId=\"$KEY_ID\",headers=\"$headers\",version=\"1\"" \
    -o - -w '\n%{http_version} %{http_code}\n' "$@" "$url"
