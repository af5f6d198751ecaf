// What htmx does not show by itself: the thin line, failed requests, and how far an upload is.
import { toast } from './toast.js'

const root = document.documentElement
let running = 0

// A live region that refreshes itself is no work of the person who looks at it.
const quiet = ctx => ctx.sourceElement?.closest?.('[data-live-topic], .more, [data-search], [data-quiet]')

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (quiet(ctx)) return
  ctx.counted = true
  running += 1
  root.dataset.busy = ''
  if (ctx.request.body instanceof FormData) ctx.fetch = (url, request) => upload(url, request, ctx.sourceElement)
})
document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  if (!ctx.counted) return
  running -= 1
  if (!running) delete root.dataset.busy
})

const words = document.body.dataset
document.addEventListener('htmx:before:response', event => {
  const { ctx } = event.detail
  const { status } = ctx.response
  // An expired session answers a fragment with the sign-in page: go there instead of swapping it in.
  if (ctx.response.raw.redirected && new URL(ctx.response.raw.url).pathname.startsWith('/accounts/')) {
    event.preventDefault()
    location.assign(ctx.response.raw.url)
  } else if (status >= 500 || [401, 403, 404, 429].includes(status)) {
    event.preventDefault()
    // The server's own sentence (a toast in HX-Trigger) is better than ours.
    if (!quiet(ctx) && !ctx.hx.trigger) toast({ tone: 'danger', title: status === 403 ? words.forbidden : status === 429 ? words.tooMany : words.failed })
  }
})
document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
  if (ctx && !quiet(ctx)) toast({ tone: 'danger', title: words.offline })
})

/** fetch() cannot tell upload progress; XMLHttpRequest can. Answers like fetch. */
function upload (url, request, form) {
  const bar = form.querySelector?.('[data-upload-progress]')
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open(request.method, url)
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value)
    xhr.responseType = 'blob'
    if (bar) xhr.upload.onprogress = event => { bar.hidden = false; if (event.lengthComputable) bar.value = 100 * event.loaded / event.total }
    xhr.onload = () => {
      if (bar) bar.hidden = true
      const headers = new Headers(xhr.getAllResponseHeaders().trim().split(/\r?\n/).map(line => { const at = line.indexOf(':'); return [line.slice(0, at), line.slice(at + 1).trim()] }))
      resolve(new Response([204, 304].includes(xhr.status) ? null : xhr.response, { status: xhr.status, headers }))
    }
    xhr.onerror = () => { if (bar) bar.hidden = true; reject(new TypeError('upload failed')) }
    request.signal?.addEventListener('abort', () => { xhr.abort(); reject(new DOMException('aborted', 'AbortError')) })
    xhr.send(request.body)
  })
}
