// What happens now, on this page: one socket, and polling where a socket cannot be reached.
//
// The server says ids only: {event, topic, id, cursor}. Each [data-live-topic~=topic] element gets the
// DOM events `live` and `live:<event>`; <body> gets `live:<event>`. Elements fetch their own fragments,
// so rights stay in the views. A gap that the server cannot fill ends in `live:reset`: fetch again.

const POLL_MS = 2500
const SLOWEST_MS = 30000
const TRIES_BEFORE_POLLING = 2
const SILENCE_MS = 45000

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
  #cursor
  #topics = []
  #socket = null
  #failures = 0
  #retry
  #poller
  #watchdog
  #closing = false

  constructor ({ socketUrl, liveUrl, liveSince }) {
    this.#socketUrl = socketUrl && new URL(socketUrl, location.href.replace(/^http/, 'ws')).href
    this.#pollUrl = liveUrl
    this.#cursor = liveSince || null
  }

  start () {
    this.#topics = wanted()
    this.#connect()
    document.addEventListener('htmx:after:swap', () => this.#resubscribe())
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.#wake() })
    window.addEventListener('online', () => this.#wake())
    window.addEventListener('pagehide', () => { this.#closing = true; this.#socket?.close() })
    window.addEventListener('pageshow', event => { if (event.persisted) { this.#closing = false; this.#connect() } })
  }

  #state (name) { root.dataset.live = name }

  #connect () {
    clearTimeout(this.#retry)
    if (this.#closing || this.#socket) return
    if (!this.#socketUrl) return this.#poll()
    if (!this.#poller) this.#state('connecting')
    const socket = new WebSocket(this.#socketUrl)
    this.#socket = socket
    socket.onopen = () => this.#opened()
    socket.onmessage = event => this.#heard(JSON.parse(event.data))
    socket.onclose = () => this.#closed(socket)
  }

  #opened () {
    this.#failures = 0
    clearTimeout(this.#poller)
    this.#poller = null
    this.#state('socket')
    this.#listen()
    this.#subscribe()
    this.#catchUp()
  }

  // A line that died without a word shows only by its silence; the server pings more often than this.
  #listen () {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => this.#socket?.close(), SILENCE_MS)
  }

  #closed (socket) {
    if (socket !== this.#socket) return
    this.#socket = null
    clearTimeout(this.#watchdog)
    if (this.#closing) return
    this.#failures += 1
    if (this.#failures >= TRIES_BEFORE_POLLING) this.#poll()
    else this.#state('connecting')
    const ceiling = Math.min(SLOWEST_MS, 500 * 2 ** this.#failures)
    this.#retry = setTimeout(() => this.#connect(), ceiling * (0.5 + Math.random() / 2))
  }

  #heard (message) {
    this.#listen()
    if (message.op === 'ping') return this.#send({ op: 'pong' })
    if (message.cursor) this.#cursor = message.cursor
    if (message.reset) return reset()
    dispatch(message)
  }

  #send (message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }

  #subscribe () {
    this.#send({ op: 'subscribe', topics: this.#topics, since: this.#cursor })
  }

  #resubscribe () {
    const now = wanted()
    const gone = this.#topics.filter(topic => !now.includes(topic))
    const fresh = now.filter(topic => !this.#topics.includes(topic))
    this.#topics = now
    if (gone.length) this.#send({ op: 'unsubscribe', topics: gone })
    if (fresh.length) this.#send({ op: 'subscribe', topics: fresh, since: this.#cursor })
  }

  #wake () {
    this.#failures = Math.min(this.#failures, TRIES_BEFORE_POLLING)
    if (!this.#socket) this.#connect()
    if (this.#poller) this.#poll()
  }

  #poll () {
    clearTimeout(this.#poller)
    this.#state(this.#pollUrl ? 'polling' : 'off')
    if (!this.#pollUrl) return
    const again = async () => {
      if (!document.hidden) await this.#catchUp()
      if (this.#poller) this.#poller = setTimeout(again, POLL_MS)
    }
    this.#poller = setTimeout(again, 0)
  }

  /** Ask what was said since the cursor; a server that cannot tell says reset. */
  async #catchUp () {
    if (!this.#pollUrl || !this.#topics.length) return
    const url = new URL(this.#pollUrl, location.href)
    if (this.#cursor) url.searchParams.set('since', this.#cursor)
    url.searchParams.set('topics', this.#topics.join(','))
    try {
      const response = await fetch(url, { headers: { Accept: 'application/json' }, credentials: 'same-origin' })
      if (!response.ok) return
      const { cursor, events = [], reset: lost } = await response.json()
      if (cursor) this.#cursor = cursor
      if (lost) reset()
      else events.forEach(dispatch)
    } catch { /* offline: the next round asks again with the same cursor */ }
  }
}

/** Start the live line if the page has one. */
export function startLive () {
  const { socketUrl, liveUrl } = body.dataset
  if (socketUrl || liveUrl) new Live(body.dataset).start()
  else root.dataset.live = 'off'
}
