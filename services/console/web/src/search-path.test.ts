import { describe, expect, it } from '@jest/globals'
import { searchPath } from './search-path.ts'

describe('what the server is asked of a search', () => {
  it.each([
    { place: '', path: 'api/calls' },
    { place: 'peer=a%2Fb&outcome=&number=%2B49', path: 'api/calls?peer=a%2Fb&number=%2B49' },
    { place: 'last=1h&method=UPDATE', path: 'api/calls?method=UPDATE&from=6400' },
    { place: 'last=ever', path: 'api/calls' },
    { place: 'last=toString', path: 'api/calls' }
  ])('$place is $path', ({ place, path }) => {
    expect(searchPath(new URLSearchParams(place), 10_000_000)).toBe(path)
  })
})
