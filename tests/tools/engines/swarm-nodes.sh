# shellcheck shell=sh
# shellcheck disable=SC2154 # engine.sh sets what is not set here
# Sourced by engine.sh: how engines become the nodes of a swarm. The first is the manager, the others are workers. Each
# has an interface on a bridge, which is in a network namespace of its own: in that of an engine, the engine's own rules
# would filter what the others say to each other. A port of the bridge that is set down cuts off its node.

hub=composegen-$(echo "$engine" | cksum | cut -d ' ' -f 1)

address_of() { echo "10.98.7.${1##*-}"; } # address_of ENGINE

make_hub() {
    ip netns list | grep -q "^$hub\b" || ip netns add "$hub"
    ip -n "$hub" link show hub >/dev/null 2>&1 || ip -n "$hub" link add hub type bridge
    ip -n "$hub" link set hub up
}

remove_hub() {
    case ${COMPOSEGEN_ENGINES:-} in
    swarm*) ip netns del "$hub" 2>/dev/null || : ;;
    esac
}

plug_in() { # plug_in ENGINE: the kernel removes both ends with the engine's namespace
    port=${1%-*}-${1##*-}
    ip -n "$hub" link show "$port" >/dev/null 2>&1 || {
        ip -n "$hub" link add "$port" type veth peer name node0 netns "$(engine_pid "$1")"
        ip -n "$hub" link set "$port" master hub
        in_network "$1" ip addr add "$(address_of "$1")/24" dev node0
    }
    ip -n "$hub" link set "$port" up
    in_network "$1" ip link set node0 up
}

is_active() { # is_active ENGINE
    [ "$(client "$1" info --format '{{.Swarm.LocalNodeState}}')" = active ]
}

# Makes the swarm, and says where it is.
join_nodes() {
    make_hub
    for name in $engines; do
        plug_in "$name"
    done
    is_active "$first" || client "$first" swarm init --advertise-addr "$(address_of "$first")" >/dev/null
    token=$(client "$first" swarm join-token --quiet worker)
    for name in ${engines# "$first"}; do
        is_active "$name" && continue
        client "$name" swarm leave --force >/dev/null 2>&1 || :
        client "$name" swarm join --advertise-addr "$(address_of "$name")" --token "$token" \
            "$(address_of "$first"):2377" >/dev/null || die "$name cannot join the swarm"
    done
    echo "COMPOSEGEN_SWARM_MANAGER=unix://$run/$first.sock"
    echo "COMPOSEGEN_SWARM_WORKER=unix://$run/${name}.sock"
    echo "COMPOSEGEN_SWARM_HUB=$hub"
    echo "COMPOSEGEN_SWARM_PORT=${name%-*}-${name##*-}" # of that worker
}
