// The names of the Internet of the tests: `node dns.mjs NAME=ADDRESS...`. Any other name does not exist.
import { createSocket } from "node:dgram";

const known = new Map(process.argv.slice(2).map((pair) => pair.split("=")));
const socket = createSocket("udp4");
socket.on("message", (query, from) => {
  const labels = [];
  let at = 12;
  while (query[at]) {
    labels.push(query.toString("latin1", at + 1, at + 1 + query[at]));
    at += 1 + query[at];
  }
  const question = query.subarray(12, at + 5);
  const isIpv4 = query.readUInt16BE(at + 1) === 1;
  const address = known.get(labels.join(".").toLowerCase());
  const answer = address && isIpv4 ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address.split(".").map(Number)]) : Buffer.alloc(0);
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180 | (address ? 0 : 3), 2); // a response, recursion, and NXDOMAIN where there is none
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answer.length ? 1 : 0, 6);
  head.fill(0, 8, 12);
  socket.send(Buffer.concat([head, question, answer]), from.port, from.address);
});
socket.bind(53);
