export { loadRegistry, parseRegistry, RegistryError } from './registry-file.ts'
export { emptyRegistry, type MaintenanceWindow, type PeerEntry, Registry } from './registry-lookup.ts'
export { PeerNames } from './registry-names.ts'
export { type RegistryWatch, watchRegistry } from './registry-watch.ts'
