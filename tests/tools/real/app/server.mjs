// What stands in for the product's own services. Its settings are those that the rendered files pass: it logs in to the
// stores that it is given, with the secrets that it is given, and is healthy if all of that works.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import pg from "pg";

const env = process.env;
const release = env.RELEASE;
const secret = (name) => (env[`${name}_FILE`] ? readFileSync(env[`${name}_FILE`], "utf8").trim() : undefined);
const secrets = Object.keys(env).filter((name) => name.endsWith("_FILE"));
for (const name of secrets) readFileSync(env[name]);

const [host, port] = (env.POSTGRES_ADDRESS ?? "").split(":");
const pool = env.POSTGRES_ADDRESS && new pg.Pool({
  host, port: Number(port), user: env.POSTGRES_USER, database: env.DATABASE, password: secret("POSTGRES_PASSWORD"), max: 4,
});
pool?.on("error", () => {});

const redis = (...words) => new Promise((resolve, reject) => {
  const [host, port] = env.REDIS_ADDRESS.split(":");
  const socket = connect(Number(port), host);
  const send = (...parts) => socket.write(`*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join("")}`);
  let text = "";
  socket.on("connect", () => { send("AUTH", secret("REDIS_PASSWORD") ?? ""); send(...words); });
  socket.on("data", (data) => {
    text += data;
    const [login, answer] = text.split("\r\n");
    if (login.startsWith("-")) reject(new Error(`redis: ${login}`));
    else if (answer) resolve(answer);
    else return;
    socket.end();
  });
  socket.on("error", reject);
  socket.setTimeout(2000, () => socket.destroy(new Error("redis: no answer")));
});

const fetched = async (url, headers = {}) => {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
};

const stores = {
  ...(pool && { postgres: async () => { await pool.query("SELECT 1"); } }),
  ...(env.REDIS_ADDRESS && { redis: async () => { if ((await redis("PING")) !== "+PONG") throw new Error("redis: no PONG"); } }),
  ...(env.QDRANT_URL && { qdrant: () => fetched(`${env.QDRANT_URL}/collections`, { "api-key": secret("QDRANT_API_KEY") ?? "" }) }),
  ...(env.MINIO_URL && { minio: () => fetched(`${env.MINIO_URL}/minio/health/cluster`) }),
};
const health = async () => {
  const checks = Object.entries(stores).map(async ([name, check]) => [name, await check().then(() => "ok", (e) => e.message)]);
  const result = Object.fromEntries(await Promise.all(checks));
  return [Object.values(result).every((one) => one === "ok") ? 200 : 503, { release, stores: result }];
};

// A session that has passed a second factor.
const session = () => createHmac("sha256", secret("SESSION_KEY")).update("operator").digest("hex");
const hasSession = (request) => {
  const cookie = /(?:^|; )session=([0-9a-f]{64})/.exec(request.headers.cookie ?? "")?.[1];
  return cookie !== undefined && timingSafeEqual(Buffer.from(cookie), Buffer.from(session()));
};

const rows = async () => (await pool.query("SELECT id, title, severity, status FROM incidents ORDER BY id")).rows;
const html = (body) => [200, `<!doctype html><title>${release}</title><h1>${release} of ${env.ENVIRONMENT}</h1><p>${env.DATABASE}</p>${body}`, { "content-type": "text/html" }];
const list = (name, items) => `<ul id="${name}">${items.map((item) => `<li>${item.id}: ${item.title ?? item.headline}</li>`).join("")}</ul>`;

const answer = async (request, path, body) => {
  if (path === "/healthz") return health();
  if (path === "/auth/mfa") return hasSession(request) ? [200, {}, { "x-auth-user": "operator" }] : [401, { error: "a second factor is needed" }];
  if (path === "/api/auth/sign-in") return body === "code=000000"
    ? [204, "", { "set-cookie": `session=${session()}; Secure; HttpOnly; Path=/` }]
    : [401, { error: "this is not the code" }];
  if (path === "/api/incidents" && pool && request.method === "POST") {
    const { id, title, severity, status } = JSON.parse(body);
    await pool.query("CREATE TABLE IF NOT EXISTS incidents (id text PRIMARY KEY, title text NOT NULL, severity text NOT NULL, status text NOT NULL)");
    await pool.query("INSERT INTO incidents VALUES ($1, $2, $3, $4)", [id, title, severity, status]);
    return [201, {}];
  }
  if (path === "/api/incidents" && pool) return [200, await rows()];
  if (path.startsWith("/api/")) return [200, { release, path, user: request.headers["x-auth-user"] ?? null, client: request.headers["x-forwarded-for"] ?? null }];
  if (path !== "/" || !env.API_URL) return [404, { release, error: "not found" }];
  // the pages: what the API says, and, where this service has the stores too, what is in them
  const what = release === "pulse-web" ? "pulse" : "incidents";
  const told = await fetched(`${env.API_URL}/api/${what}`).then((r) => r.json(), (error) => ({ error: error.message }));
  const stored = pool ? list("stored", await rows()) : "";
  return html(list("api", Array.isArray(told) ? told : [{ id: told.release ?? "api", title: told.error ?? told.path }]) + stored);
};

const serve = (port, handler) => createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", async () => {
    let status, body, headers;
    try {
      [status, body, headers] = await handler(request, new URL(request.url, "http://app").pathname, Buffer.concat(parts).toString());
    } catch (error) {
      [status, body] = [500, { release, error: error.message }];
    }
    response.writeHead(status, { "content-type": "application/json", "x-release": release, ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}).on("upgrade", (request, socket) => {
  const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  const hello = Buffer.from(JSON.stringify({ type: "hello", release }));
  socket.on("error", () => socket.destroy());
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.write(Buffer.concat([Buffer.from([0x81, hello.length]), hello]));
}).listen(Number(port));

if (env.PORT) serve(env.PORT, answer);
if (env.METRICS_PORT) {
  serve(env.METRICS_PORT, async (request, path) => {
    if (path === "/healthz") return health();
    if (path !== "/metrics") return [404, {}];
    return [200, `# TYPE up_since gauge\nup_since{release="${release}"} ${Math.floor(Date.now() / 1000 - process.uptime())}\n`, { "content-type": "text/plain; version=0.0.4" }];
  });
}
process.on("SIGTERM", () => process.exit(0));
