//! Addresses that no engine answers at: ports, certificates, sockets and ssh. A run says that it could not look, and why.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::certificates::Server;
use super::every_fault::{CUT, LATE, exposure};
use super::fake::{Answer, Fake, Way};
use super::shop_engine::exposed;
use super::watched::run;

/// Nobody is there, or somebody who does not speak.
#[test]
fn a_port_without_an_engine() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let closed = format!("tcp://{}", closed.unwrap());
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let quiet = format!("tcp://{}", silent.local_addr().unwrap());
    let good = |url: &str| Fake::at(url).with_certificates("client");
    let says = |bytes: &'static [u8]| {
        Fake::tcp(move |mut stream: TcpStream, _| {
            let _ = stream.write_all(bytes);
            let _ = stream.read(&mut [0; 4096]);
            Ok(())
        })
    };
    let unknown = "lookup|resolve|name|dns|within";
    thread::scope(|scope| {
        for (what, engine, cause) in [
            (
                "a name that nobody has",
                Fake::at("tcp://engine.invalid:2375"),
                unknown,
            ),
            (
                "the same by TLS",
                good("tcp://engine.invalid:2376"),
                unknown,
            ),
            ("a closed port", Fake::at(&closed), "refused"),
            ("a closed port of TLS", good(&closed), "refused"),
            ("a silent port", Fake::at(&quiet), LATE),
            ("a silent port of TLS", good(&quiet), LATE),
            ("a port that hangs up", says(b""), CUT),
            (
                "a port of TLS that hangs up",
                says(b"").with_certificates("client"),
                "TLS|tls|handshake|eof|closed|reset",
            ),
            (
                "HTTP on the port of TLS",
                says(b"HTTP/1.0 400 Bad Request\r\n\r\n").with_certificates("client"),
                "corrupt|TLS|tls|invalid|message",
            ),
            (
                "a mail server",
                says(b"220 mail ESMTP\r\n"),
                "parse|HTTP|unexpected message",
            ),
        ] {
            scope.spawn(move || run(&engine, "shop").could_not_look_because(what, cause));
        }
    });
}

#[test]
fn a_certificate_that_is_not_good() {
    let tls = |server| Fake::tls(server, Arc::new(exposed));
    let plain = Fake::over(Way::Tls, exposed);
    let no_tls = plain.url();
    thread::scope(|scope| {
        for (what, engine, cause) in [
            (
                "another authority",
                tls(Server::WrongAuthority),
                "UnknownIssuer",
            ),
            ("expired", tls(Server::Expired), "xpired"),
            (
                "not yet valid",
                tls(Server::NotYetValid),
                "NotValidYet|not valid",
            ),
            (
                "another name",
                tls(Server::WrongName),
                "NotValidForName|not valid for name",
            ),
            (
                "a client of nobody",
                tls(Server::Good).with_certificates("stranger"),
                "alert|UnknownCA|closed|reset",
            ),
            ("no TLS", Fake::at(&no_tls), "HTTP|parse|closed|reset"),
        ] {
            scope.spawn(move || run(&engine, "shop").could_not_look_because(what, cause));
        }
    });
    drop(plain);
}

#[test]
fn a_socket_without_an_engine() {
    let gone = Fake::empty();
    std::fs::remove_file(gone.folder().join("docker.sock")).unwrap();
    run(&gone, "shop").could_not_look_because("no socket", "does not exist");
    let stale = stale();
    run(&stale, "shop").could_not_look_because("a socket of nobody", "refused");
    let file = Fake::empty();
    std::fs::remove_file(file.folder().join("docker.sock")).unwrap();
    std::fs::write(file.folder().join("docker.sock"), "").unwrap();
    run(&file, "shop").could_not_look_because("a file", "refused|socket");
}

/// A socket that nobody listens on any more.
fn stale() -> Fake {
    let stale = Fake::empty();
    let socket = stale.folder().join("docker.sock");
    std::fs::remove_file(&socket).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    stale
}

#[test]
fn an_ssh_that_does_not_get_through() {
    let ssh = |script: &str| Fake::new(exposed).through_ssh(script);
    let forward = "ln -s \"$ENGINE\" \"$LOCAL\"\n";
    thread::scope(|scope| {
        for (what, engine, cause) in [
            (
                "a refused login",
                ssh("echo 'me@box: Permission denied (publickey).' >&2; exit 255"),
                "ssh says: me@box: Permission denied (publickey).",
            ),
            (
                "an end without a word",
                ssh("exit 1"),
                "ssh ended without a message",
            ),
            ("a login that never ends", ssh("exec sleep 60"), LATE),
            (
                "a socket that nobody ever listens on",
                stale().through_ssh(&format!("{forward}exec sleep 60")),
                LATE,
            ),
            (
                "an end while the socket is tried",
                stale().through_ssh(&format!("{forward}sleep 0.3; echo gone away >&2; exit 255")),
                "ssh says: gone away",
            ),
            (
                "an answer that is cut off, and the cause of it",
                Fake::new(|_| Answer::Reset).through_ssh(&format!(
                    "echo 'channel 2: open failed: connect failed' >&2\n{forward}exec sleep 60"
                )),
                "ssh says: channel 2: open failed: connect failed",
            ),
        ] {
            scope.spawn(move || run(&engine, "shop").could_not_look_because(what, cause));
        }
        for (what, variable, value, cause) in [
            ("no ssh", "PATH", "/nowhere", "not found"),
            (
                "a folder that ssh cannot use",
                "TMPDIR",
                "/tmp/a:b",
                "set TMPDIR",
            ),
            (
                "no temporary folder",
                "TMPDIR",
                "/nowhere",
                "temporary folder `/nowhere/",
            ),
        ] {
            scope.spawn(move || {
                let engine = Fake::at("ssh://me@box").with(variable, value);
                run(&engine, "shop").could_not_look_because(what, cause);
            });
        }
    });
}

/// ssh binds its socket before it listens.
#[test]
fn an_ssh_whose_socket_is_not_ready_at_once() {
    let dead = stale();
    let script =
        "ln -s \"$DEAD\" \"$LOCAL\"; sleep 0.4; ln -sfn \"$ENGINE\" \"$LOCAL\"; exec sleep 60";
    let socket = dead.folder().join("docker.sock");
    let engine = Fake::new(exposed)
        .through_ssh(script)
        .with("DEAD", &socket.display().to_string());
    let report = run(&engine, "shop").report("a late ssh");
    assert!(exposure(&report), "{report:#}");
}

/// An older ssh does not know how to be told that it stays in the foreground.
#[test]
fn an_ssh_that_does_not_know_an_option() {
    let script = "case $OPTIONS in *ForkAfter*) echo 'command-line: line 0: Bad configuration option: forkafterauthentication' >&2; exit 255;; esac\n\
                  ln -s \"$ENGINE\" \"$LOCAL\"; exec sleep 60";
    let engine = Fake::new(exposed).through_ssh(script);
    let report = run(&engine, "shop").report("an old ssh");
    assert!(exposure(&report), "{report:#}");
}
