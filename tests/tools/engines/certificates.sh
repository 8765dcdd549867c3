# shellcheck shell=sh
# Sourced by engine.sh: what an engine and its client show each other by TLS.

sign() { # sign KIND FOLDER OPTION...
    kind=$1
    folder=$2
    shift 2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 10 \
        -config "$here/engines/certificates.cnf" -extensions "$kind" -subj "/CN=composegen test $kind" \
        -keyout "$folder/key.pem" -out "$folder/cert.pem" "$@" 2>"$tls/openssl.log" ||
        die "openssl could not make a certificate: $(cat "$tls/openssl.log")"
}

# The folder is one for DOCKER_CERT_PATH, with the engine's side in `server`. Nothing is signed later: the CA's key goes.
make_certificates() {
    rm -rf "$tls"
    mkdir -m 700 "$tls" "$tls/server" "$tls/ca"
    sign ca "$tls/ca"
    for kind in server client; do
        folder=$tls/server
        [ $kind = server ] || folder=$tls
        sign $kind "$folder" -CA "$tls/ca/cert.pem" -CAkey "$tls/ca/key.pem"
    done
    mv "$tls/ca/cert.pem" "$tls/ca.pem"
    rm -r "$tls/ca" "$tls/openssl.log"
}
