import htmx from 'htmx.org/dist/htmx.esm.js'
import Alpine from '@alpinejs/csp'
import './device.js'
import './toast.js'
import './menu.js'
import './dialog.js'
import './forms.js'
import './tabs.js'
import './keys.js'
import './scroll.js'
import './progress.js'
import { startLive } from './live.js'

window.htmx = htmx
window.Alpine = Alpine
startLive()
// Page modules come after this one and before DOMContentLoaded: they can still register.
document.addEventListener('DOMContentLoaded', () => Alpine.start())
