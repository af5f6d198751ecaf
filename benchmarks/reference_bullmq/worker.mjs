// The reference: what a Node team would build with BullMQ, undici and pg.
//   node worker.mjs enqueue   adds a job for each waiting recipient (addBulk, a thousand at a time)
//   node worker.mjs work      for each job: POST the template message, update one row
// Each prints one JSON line at its end. Environment: GRAPH_URL, REDIS_SOCKET, PGHOST, PGPORT,
// PGUSER, PGDATABASE, JOBS (how many `work` waits for), CONCURRENCY=100, PG_POOL=20.
import { Queue, Worker } from "bullmq";
import IORedis from "ioredis";
import pg from "pg";
import { Pool } from "undici";

const env = process.env;
const QUEUE = "campaign";
const JOBS = +env.JOBS;
const CONCURRENCY = +(env.CONCURRENCY ?? 100);
const GRAPH = new URL(env.GRAPH_URL);
const HEADERS = { Authorization: "Bearer EAAG" + "x".repeat(180), "Content-Type": "application/json" };
const JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: 1000,
  attempts: 3,
  backoff: { type: "exponential", delay: 1000 },
};

const database = new pg.Pool({ max: +(env.PG_POOL ?? 20) });
const redis = () => new IORedis({ path: env.REDIS_SOCKET, maxRetriesPerRequest: null });

const step = process.argv[2];
const figures = await { enqueue, work }[step]();
console.log(JSON.stringify({ step, ...figures }));
process.exit(0);

async function enqueue() {
  const meter = start();
  const queue = new Queue(QUEUE, { connection: redis() });
  const { rows } = await database.query(
    "select id, phone, vars from campaign_recipient where campaign_id = 1 and status = 0 order by seq",
  );
  for (let i = 0; i < rows.length; i += 1000) {
    await queue.addBulk(
      rows.slice(i, i + 1000).map((data) => ({ name: "send", data, opts: JOB_OPTIONS })),
    );
  }
  return { jobs: rows.length, ...meter() };
}

async function work() {
  const http = new Pool(GRAPH.origin, { connections: CONCURRENCY, pipelining: 1 });
  await Promise.all(Array.from({ length: 4 }, () => database.query("select 1")));
  let done = 0;
  let failed = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const worker = new Worker(QUEUE, (job) => send(http, job.data), {
    connection: redis(),
    concurrency: CONCURRENCY,
    autorun: false,
  });
  await worker.waitUntilReady();
  worker.on("completed", () => {
    if (++done === JOBS) finish();
  });
  worker.on("failed", (job) => {
    failed++;
    if (job && job.attemptsMade >= JOB_OPTIONS.attempts && ++done === JOBS) finish();
  });
  const meter = start();
  worker.run();
  await finished;
  return { jobs: done, failed, ...meter() };
}

async function send(http, recipient) {
  const answer = await http.request({
    path: GRAPH.pathname,
    method: "POST",
    headers: HEADERS,
    body: message(recipient),
  });
  const data = await answer.body.json();
  if (answer.statusCode !== 200) {
    await database.query({
      name: "refused",
      text: "update campaign_recipient set attempts = attempts + 1, error = $2 where id = $1",
      values: [recipient.id, String(data?.error?.code ?? answer.statusCode)],
    });
    throw new Error("graph " + answer.statusCode);
  }
  await database.query({
    name: "sent",
    text: "update campaign_recipient set status = 2, wamid = $2, sent_at = now() where id = $1",
    values: [recipient.id, data.messages[0].id],
  });
}

function message({ phone, vars }) {
  const parameters = [vars.name, vars.order].map((text) => ({ type: "text", text }));
  return JSON.stringify({
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to: phone,
    type: "template",
    template: {
      name: "promo_novembro",
      language: { code: "pt_BR" },
      components: [{ type: "body", parameters }],
    },
  });
}

// Wall clock and this process's CPU from here on: starting Node is not held against it.
function start() {
  const cpu = process.cpuUsage();
  const at = performance.now();
  return () => {
    const spent = process.cpuUsage(cpu);
    return { seconds: (performance.now() - at) / 1e3, cpu_seconds: (spent.user + spent.system) / 1e6 };
  };
}
