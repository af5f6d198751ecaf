// What happens now, on this page: one socket, and polling where a socket cannot be reached.
//
// The server says ids only: {event, topic, id, cursor} (core/consumers.py). Each element whose
// data-live-topic names the topic gets the DOM events `live` and `live:<event>`; <body> gets
// `live:<event>`. Elements fetch their own fragments, so rights stay in the views. Frames without a
// topic are about the line itself. A gap that cannot be filled ends in `live:reset`: fetch again.
import { sayPresence, startPresence } from './presence.js'
import { toast } from './toast.js'

const POLL_MS = 2500
const SLOWEST_MS = 30000
const TRIES_BEFORE_POLLING = 2
const PING_MS = 25000
const PONG_MS = 10000
const SIGNED_OUT = 4401

const body = document.body
const root = document.documentElement

const topicsOf = element => element.dataset.liveTopic.split(/\s+/).filter(Boolean)
const regions = () => [...document.querySelectorAll('[data-live-topic]')]
const wanted = () => [...new Set(regions().flatMap(topicsOf))].sort()

function say (element, name, detail) {
  element.dispatchEvent(new CustomEvent(name, { detail }))
}

function dispatch (hint) {
  if (!hint.event) return
  for (const element of regions()) {
    if (!topicsOf(element).includes(hint.topic)) continue
    say(element, 'live', hint)
    say(element, `live:${hint.event}`, hint)
  }
  say(body, `live:${hint.event}`, hint)
}

function reset () {
  for (const element of regions()) {
    say(element, 'live', {})
    say(element, 'live:reset', {})
  }
  say(body, 'live:reset', {})
}

class Live {
  #socketUrl
  #pollUrl
  // Where the page stands; without it the page is of an unknown moment and fetches once more.
  #cursor
  #topics = []
  #socket = null
  #failures = 0
  #retry
  #poller = null
  #beat
  #stopped = false
  #unsaid = ''

  constructor ({ socketUrl, liveUrl, liveSince }) {
    this.#socketUrl = socketUrl && new URL(socketUrl, location.href.replace(/^http/, 'ws')).href
    this.#pollUrl = liveUrl
    this.#cursor = liveSince || null
  }

  start () {
    this.#topics = wanted()
    startPresence(active => this.#here(active))
    this.#connect()
    document.addEventListener('htmx:after:swap', () => this.#resubscribe())
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.#wake() })
    window.addEventListener('online', () => this.#wake())
    window.addEventListener('pagehide', () => this.#stop())
    window.addEventListener('pageshow', event => { if (event.persisted) { this.#stopped = false; this.#connect() } })
  }

  #state (name) { root.dataset.live = name }

  #stop () {
    this.#stopped = true
    for (const timer of [this.#retry, this.#poller, this.#beat]) clearTimeout(timer)
    this.#poller = null
    this.#socket?.close()
    this.#socket = null
  }

  #connect () {
    clearTimeout(this.#retry)
    if (this.#stopped || this.#socket) return
    if (!this.#socketUrl) return this.#poll()
    if (!this.#poller) this.#state('connecting')
    const socket = new WebSocket(this.#socketUrl)
    this.#socket = socket
    socket.onopen = () => {
      this.#subscribe(this.#topics)
      sayPresence()
    }
    socket.onmessage = event => this.#heard(JSON.parse(event.data))
    socket.onclose = ({ code }) => this.#closed(socket, code)
  }

  #closed (socket, code) {
    if (socket !== this.#socket) return
    this.#socket = null
    clearTimeout(this.#beat)
    if (code === SIGNED_OUT) return this.#signedOut()
    this.#failures += 1
    if (this.#failures >= TRIES_BEFORE_POLLING) this.#poll()
    else this.#state('connecting')
    const ceiling = Math.min(SLOWEST_MS, 500 * 2 ** this.#failures)
    this.#retry = setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2))
  }

  #signedOut () {
    this.#stop()
    this.#state('off')
    toast({ tone: 'danger', text: body.dataset.signedOut })
  }

  // A line that died without a word shows only by its silence: ask, and wait for any answer.
  #listen (socket) {
    clearTimeout(this.#beat)
    this.#beat = setTimeout(() => {
      this.#send({ op: 'ping' })
      this.#beat = setTimeout(() => { socket.close(); this.#closed(socket) }, PONG_MS)
    }, PING_MS)
  }

  #heard (frame) {
    this.#listen(this.#socket)
    const fresh = !this.#cursor
    if (frame.cursor) this.#cursor = frame.cursor
    if (frame.topic) return dispatch(frame)
    if (frame.event === 'subscribed') this.#subscribed(fresh)
    if (frame.event === 'reset') reset()
    if (frame.event === 'catch_up') this.#catchUp()
  }

  #subscribed (fresh) {
    this.#failures = 0
    clearTimeout(this.#poller)
    this.#poller = null
    this.#state('socket')
    if (fresh) reset()
  }

  #send (message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  // By the socket, else with the next question of the poller.
  #here (active) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#send({ op: 'here', active })
    else this.#unsaid = active || this.#unsaid === 'active' ? 'active' : 'open'
  }

  #subscribe (topics) {
    this.#send({ op: 'subscribe', topics, cursor: this.#cursor })
  }

  #resubscribe () {
    const now = wanted()
    const gone = this.#topics.filter(topic => !now.includes(topic))
    const fresh = now.filter(topic => !this.#topics.includes(topic))
    this.#topics = now
    if (gone.length) this.#send({ op: 'unsubscribe', topics: gone })
    if (fresh.length) this.#subscribe(fresh)
  }

  #wake () {
    if (this.#stopped) return
    if (!this.#socket) this.#connect()
    if (this.#poller) this.#poll()
  }

  #poll () {
    clearTimeout(this.#poller)
    this.#state(this.#pollUrl ? 'polling' : 'off')
    if (!this.#pollUrl) return
    const round = async () => {
      if (!document.hidden) await this.#catchUp()
      if (this.#poller) this.#poller = setTimeout(round, POLL_MS)
    }
    this.#poller = setTimeout(round, 0)
  }

  async #catchUp () {
    if (!this.#topics.length) return
    const url = new URL(this.#pollUrl, location.href)
    if (this.#cursor) url.searchParams.set('since', this.#cursor)
    url.searchParams.set('topics', this.#topics.join(','))
    if (this.#unsaid) url.searchParams.set('here', this.#unsaid)
    this.#unsaid = ''
    try {
      const response = await fetch(url, { headers: { Accept: 'application/json' } })
      if (!response.ok || response.redirected) return
      const answer = await response.json()
      const fresh = !this.#cursor
      if (answer.cursor) this.#cursor = answer.cursor
      if (answer.reset || fresh) reset()
      else answer.events.forEach(dispatch)
    } catch { /* offline: the next round asks again with the same cursor */ }
  }
}

/** Start the live line if the page has one. */
export function startLive () {
  const { socketUrl, liveUrl } = body.dataset
  if (socketUrl || liveUrl) new Live(body.dataset).start()
  else root.dataset.live = 'off'
}
