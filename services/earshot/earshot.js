#!/usr/bin/env node
import * as module from 'node:module'

// Plain JavaScript, so that an old Node can still say what it lacks.
if (Number.parseInt(process.versions.node) < 24) {
  console.error(`earshot: needs Node 24 or newer, this is ${process.versions.node}; npm installs one: use npx earshot`)
  process.exit(2)
}
// The second start takes half as long.
module.enableCompileCache()
await import('./main.ts')
