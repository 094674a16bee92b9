/** The page of a peer in the console, for the time that the dashboard shows; `peer` is made for an URL already. */
export const peerPage = (peer: string): string =>
  `\${console}/peer?name=${peer}&from=\${__from:date:iso}&to=\${__to:date:iso}`
