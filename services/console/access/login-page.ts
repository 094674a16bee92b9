import { hash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { escaped } from '../../html.ts'

const style = `:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.4 system-ui,sans-serif;
background:light-dark(#f3f5f4,#0d1211);color:light-dark(#16211e,#e6ecea)}
form{width:min(380px,calc(100vw - 48px));padding:28px;border-radius:10px;
border:1px solid light-dark(#dde3e1,#2a3432);background:light-dark(#fff,#151b1a)}
h1{margin:0 0 4px;font-size:22px}p{margin:0 0 18px;color:light-dark(#56635f,#9baba6)}
[role=alert]{color:light-dark(#b3182c,#ff7a85)}
input,button{box-sizing:border-box;width:100%;height:40px;margin-top:6px;padding:0 10px;border-radius:6px;font:inherit;
border:1px solid light-dark(#b9c4c0,#46534f);background:transparent;color:inherit}
button{margin-top:14px;border:0;background:#12564a;color:#fff;cursor:pointer}
:focus-visible{outline:2px solid light-dark(#0072b2,#7cc4f5);outline-offset:2px}`

/** Nothing of the page is given out before a token is, so this brings its own style; no script. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
].join('; ')

/** Asks for a token in place of the page at `url`, and leads there afterwards. Sets no status. */
export function loginPage(reply: FastifyReply, url: string, trouble?: string): FastifyReply {
  const { up, page } = placeOf(url)
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('cache-control', 'no-store')
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Earshot: token</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>
<body><main><form method="post" action="${up}session"><h1>Earshot</h1>
<p>Your token, as earshot token printed it.</p>${trouble === undefined ? '' : `<p role="alert">${escaped(trouble)}</p>`}
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<input name="page" type="hidden" value="${escaped(page)}"><button>Sign in</button></form></main></body></html>`
    )
}

/** Relative ways, so that they hold below a path of a reverse proxy too. */
function placeOf(url: string): { readonly up: string; readonly page: string } {
  const [path = '/'] = url.split(/[?#]/)
  return { up: '../'.repeat(Math.max(0, path.split('/').length - 2)), page: url.replace(/^\/+/, '') }
}
