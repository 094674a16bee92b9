export * from './figures.ts'
export * from './registry.ts'
export * from './parties.ts'
