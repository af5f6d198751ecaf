// Meta's callbacks for what the stand-in accepted: sent, delivered and read, signed, some ten to a
// POST, at most a hundred. What is not answered with 200 is posted again.
// Environment: CALLBACK_URL, CALLBACK_SECRET, RECEIPT_DELAYS (milliseconds, "200,1000,3000").
import { createHmac } from "node:crypto";
import http from "node:http";

const KINDS = ["sent", "delivered", "read"];
const TICK = 20;
const PER_POST = 10;
const MOST_PER_POST = 100;
const MOST_POSTS = 64; // under way at once; behind them the posts grow
const AGAIN_AFTER = 500;

export class Receipts {
  constructor(env) {
    this.url = new URL(env.CALLBACK_URL);
    this.secret = env.CALLBACK_SECRET;
    this.delays = env.RECEIPT_DELAYS.split(",").map(Number);
    this.queues = KINDS.map(() => []); // each in the order of its times
    this.agent = new http.Agent({ keepAlive: true, maxSockets: MOST_POSTS });
    this.underWay = 0;
    this.forget();
    setInterval(() => this.tick(), TICK).unref();
  }

  forget() {
    this.times = [];
    this.told = this.posts = this.refused = this.last = 0;
  }

  stats() {
    const times = this.times.toSorted((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    const waiting = this.queues.reduce((sum, queue) => sum + queue.length, 0) + this.underWay;
    return {
      told: this.told, posts: this.posts, refused: this.refused, waiting, last: this.last / 1000,
      p50: at(0.5), p99: at(0.99),
    };
  }

  add(message) {
    const now = Date.now();
    this.queues.forEach((queue, index) => queue.push({ ...message, index, due: now + this.delays[index] }));
  }

  tick() {
    const now = Date.now();
    const due = [];
    for (const queue of this.queues) {
      let count = 0;
      while (count < queue.length && queue[count].due <= now) count++;
      due.push(...queue.splice(0, count));
    }
    const room = Math.max(1, MOST_POSTS - this.underWay);
    const size = Math.min(MOST_PER_POST, Math.max(PER_POST, Math.ceil(due.length / room)));
    for (let from = 0; from < due.length; from += size) this.post(due.slice(from, from + size));
  }

  post(statuses) {
    const body = Buffer.from(JSON.stringify(envelope(statuses)));
    const signature = createHmac("sha256", this.secret).update(body).digest("hex");
    const began = performance.now();
    this.underWay++;
    const done = (status) => {
      this.underWay--;
      this.times.push(performance.now() - began);
      if (status === 200) {
        this.posts++;
        this.last = Date.now();
        this.told += statuses.length;
      } else {
        this.refused++;
        setTimeout(() => this.post(statuses), AGAIN_AFTER);
      }
    };
    const request = http.request(
      this.url,
      {
        method: "POST",
        agent: this.agent,
        headers: {
          "Content-Type": "application/json",
          "Content-Length": body.length,
          "X-Hub-Signature-256": `sha256=${signature}`,
        },
      },
      (response) => {
        response.resume();
        response.on("end", () => done(response.statusCode));
      },
    );
    request.on("error", () => done(0));
    request.end(body);
  }
}

function envelope(statuses) {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "551140001000", phone_number_id: statuses[0].number },
    statuses: statuses.map(status),
  };
  const entry = { id: "102290129300009", changes: [{ value, field: "messages" }] };
  return { object: "whatsapp_business_account", entry: [entry] };
}

function status({ id, to, opaque, index, due }) {
  const told = {
    id, status: KINDS[index], timestamp: String(Math.floor(due / 1000)), recipient_id: to,
    biz_opaque_callback_data: opaque,
  };
  if (index === 2) return told; // read receipts carry no pricing
  const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" };
  return { ...told, conversation: { id, origin: { type: "marketing" } }, pricing };
}
