import htmx from 'htmx.org/dist/htmx.esm.js'
import './device.js'
import './toast.js'
import './menu.js'
import './dialog.js'
import './forms.js'
import './filter.js'
import './tabs.js'
import './keys.js'
import './scroll.js'
import './styles.js'
import './progress.js'
import './player.js'
import { startLive } from './live.js'

window.htmx = htmx
startLive()
