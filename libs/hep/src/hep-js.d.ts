/** The parts of hep-js that tests and the benchmark use; it brings no types. */
declare module 'hep-js' {
  type Rcinfo = {
    protocolFamily: number
    protocol: number
    srcIp: string
    dstIp: string
    srcPort: number
    dstPort: number
    timeSeconds: number
    timeUseconds: number
    payloadType: number
    captureId: number
    capturePass?: string
    hepNodeName?: string
    correlation_id?: string
  }
  const hepJs: {
    decapsulate(datagram: Buffer): { rcinfo: Rcinfo; payload: string } | false
    encapsulate(payload: string, rcinfo: Rcinfo): Buffer
  }
  export default hepJs
}
