//! Ports that services of the file need and that others of the file publish: what findings and plans say of a deploy, and
//! what it does.

use super::planned::agreed;
use super::stack::{Stack, briefs};

const FILE: &str = "\
version: '3.9'
services:
  a: {image: 'composegen-stub:latest', deploy: {replicas: 0}, ports: ['28000:80']}
  b: {image: 'composegen-stub:latest', deploy: {replicas: 0}, ports: ['28001:80']}
  c: {image: 'composegen-stub:latest', deploy: {replicas: 0}, ports: ['80']}
";

const IN_USE: &str = "is already in use by service";

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_ports_that_are_swapped_are_refused() {
    let stack = Stack::of("swapped", FILE).up();
    let (a, b) = (stack.own_ports("28000:80"), stack.own_ports("28001:80"));
    stack.project.edit("stack.yml", &a, "SWAP");
    stack.project.edit("stack.yml", &b, &a);
    stack.project.edit("stack.yml", "SWAP", &b);
    let expected = [
        "port-changed a ports fails",
        "port-changed b ports fails",
        "port-taken a ports fails",
        "port-taken b ports fails",
    ];
    assert_eq!(briefs(&agreed(&stack)), expected);
    let refused = stack.deploy().unwrap_err();
    assert!(refused.contains(IN_USE), "{refused}");
    assert_eq!(briefs(&agreed(&stack)), expected);
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_port_that_moves_depends_on_the_order() {
    let stack = Stack::of("moved", FILE).up();
    let (a, b) = (stack.own_ports("28000:80"), stack.own_ports("28001:80"));
    stack.project.edit("stack.yml", &a, "81");
    stack.project.edit("stack.yml", &b, &a);
    let expected = [
        "port-extra a ports unknown",
        "port-changed b ports unknown",
        "port-taken b ports unknown",
        "port-missing a ports unknown",
    ];
    assert_eq!(briefs(&agreed(&stack)), expected);
    match stack.deploy() {
        Ok(_) => assert_eq!(briefs(&agreed(&stack)), [""; 0]),
        Err(refused) => {
            assert!(refused.contains(IN_USE), "{refused}");
            // The other one may be updated, and the swarm still have its port.
            let found = briefs(&agreed(&stack));
            let after = ["port-changed b ports heals".to_owned()];
            assert!(found == expected || found == after, "{found:?}");
        }
    }
}

#[test]
#[ignore = "needs a swarm: make test"]
fn swarm_a_port_of_two_services_of_the_file_is_refused() {
    let stack = Stack::of("shared", FILE).up();
    let more = |name: &str, port: &str| {
        format!(
            "  {name}: {{image: 'composegen-stub:latest', deploy: {{replicas: 0}}, ports: ['{port}']}}\n"
        )
    };
    let port = stack.own_ports("28003:80");
    let file = stack.project.read("stack.yml");
    let new = file.clone() + &more("d", &port) + &more("e", &(port + "0"));
    stack.project.write("stack.yml", &new);
    let expected = [
        "port-taken d ports fails",
        "port-taken e ports fails",
        "service-missing d name fails",
        "service-missing e name fails",
    ];
    assert_eq!(briefs(&agreed(&stack)), expected);
    let refused = stack.deploy().unwrap_err();
    assert!(refused.contains(IN_USE), "{refused}");
    // One that has it keeps it.
    assert_eq!(briefs(&agreed(&stack)).len(), 2);
    let chosen =
        "service inspect --format {{range.Endpoint.Ports}}{{.PublishedPort}}{{end}} NAME_c";
    let chosen = stack.docker(chosen);
    let new = file + &more("f", &format!("{}:80", chosen.trim()));
    stack.project.write("stack.yml", &new);
    let report = stack.drift();
    let of_new = briefs(&report)
        .into_iter()
        .filter(|one| one.contains(" f "));
    let of_new: Vec<String> = of_new.collect();
    assert_eq!(
        of_new,
        ["port-taken f ports fails", "service-missing f name fails"]
    );
    let refused = stack.deploy().unwrap_err();
    assert!(refused.contains(IN_USE), "{refused}");
}
