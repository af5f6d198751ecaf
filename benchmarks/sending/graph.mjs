// A stand-in for Meta's Graph API, for speed: POST /v23.0/<number>/messages is answered with an id.
// Bare sockets, so that it costs far less than any client under test. Listens on 127.0.0.1 alone.
//   GET  /stats   {"accepted", "people", "twice", "connections"}: its ledger
//   POST /reset   forgets the ledger
// Environment: PORT (0 takes a free one, which the first line it prints names), and for callbacks
// those of receipts.mjs. Of WATCHED_NUMBER it notes when each message came:
//   GET  /arrivals  {its biz_opaque_callback_data: milliseconds since 1970}
import net from "node:net";
import { Receipts } from "./receipts.mjs";

// Ids must never repeat, also not those of an earlier stand-in on the same database.
const ID_PREFIX = "wamid." + Date.now().toString(16).padStart(12, "0");
const END_OF_HEAD = "\r\n\r\n";

let accepted = 0;
let twice = 0;
let connections = 0;
let issued = 0;
let people = new Set();
let arrivals = {};
const watched = process.env.WATCHED_NUMBER;
const receipts = process.env.CALLBACK_URL ? new Receipts(process.env) : null;

const routes = {
  "/stats": () => JSON.stringify({ accepted, people: people.size, twice, connections }),
  "/arrivals": () => JSON.stringify(arrivals),
  "/receipts": () => JSON.stringify(receipts.stats()),
  "/reset": () => {
    accepted = twice = connections = 0;
    people = new Set();
    arrivals = {};
    receipts?.forget();
    return "{}";
  },
};

function accept(path, body) {
  const { to, biz_opaque_callback_data: opaque } = JSON.parse(body);
  if (people.has(to)) twice++;
  else people.add(to);
  accepted++;
  const id = ID_PREFIX + (++issued).toString(16).padStart(16, "0");
  const number = path.split("/")[2];
  if (number === watched) arrivals[opaque] = Date.now();
  receipts?.add({ id, to, opaque, number });
  return (
    `{"messaging_product":"whatsapp","contacts":[{"input":"${to}","wa_id":"${to}"}],` +
    `"messages":[{"id":"${id}","message_status":"accepted"}]}`
  );
}

function answer(path, body) {
  const text = (routes[path] ?? (() => accept(path, body)))();
  return (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n" +
    `facebook-api-version: v23.0\r\nContent-Length: ${Buffer.byteLength(text)}${END_OF_HEAD}${text}`
  );
}

const server = net.createServer((socket) => {
  connections++;
  let waiting = "";
  socket.setNoDelay();
  socket.setEncoding("latin1"); // a character is a byte, so lengths can be compared
  socket.on("data", (chunk) => {
    waiting += chunk;
    let out = "";
    for (;;) {
      const end = waiting.indexOf(END_OF_HEAD);
      if (end < 0) break;
      const head = waiting.slice(0, end);
      const length = +(/\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1] ?? 0);
      const total = end + END_OF_HEAD.length + length;
      if (waiting.length < total) break;
      out += answer(head.split(" ", 2)[1], waiting.slice(total - length, total));
      waiting = waiting.slice(total);
    }
    if (out) socket.write(out);
  });
  socket.on("error", () => socket.destroy());
});

server.listen({ port: +(process.env.PORT ?? 0), host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
process.on("SIGTERM", () => process.exit(0));
