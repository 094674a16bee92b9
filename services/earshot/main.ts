#!/usr/bin/env node
console.log('earshot')
