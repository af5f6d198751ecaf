// Asking the server without htmx: fragments that are merged item by item.
import { toast } from '../toast.js'

const headers = () => ({ 'HX-Request': 'true', ...JSON.parse(document.body.getAttribute('hx-headers:inherited')) })

/** The response, or null when there is none worth showing; a refusal says its sentence as a toast. */
export async function ask (url, options = {}) {
  const response = await fetch(url, { ...options, headers: headers() })
  if (response.ok && !response.redirected) return response
  const said = response.headers.get('HX-Trigger')
  if (said) toast(JSON.parse(said).toast)
  else if (!response.ok) toast({ tone: 'danger', text: document.body.dataset.failed })
  return null
}

/** A quiet read: what cannot be had now comes with the next hint. */
export async function read (url) {
  try {
    const response = await fetch(url, { headers: headers() })
    return response.ok && !response.redirected ? response : null
  } catch { return null }
}

/** A quiet word that nobody waits for. */
export const tell = (url, body) => fetch(url, { method: 'POST', body, headers: headers() }).catch(() => {})

export const post = (url, body) => ask(url, { method: 'POST', body })
