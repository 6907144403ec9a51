/** A plugin that misbehaves on demand: each action is one way. */
export const hostilePlugin = `
import { definePlugin, z } from '@covent/plugin-sdk'
const fs = process.getBuiltinModule('node:fs')
const channel = process.argv[2] === 'standard-streams' ? 1 : 3
const raw = (...bytes) => fs.writeSync(channel, Buffer.from(bytes.flat()))
const text = (value) => [0xa0 | value.length, ...Buffer.from(value)]
const frame = (...bytes) => { const body = bytes.flat(); raw([0, 0, body.length >> 8, body.length & 255], body) }
const forever = () => { for (;;); }
const way = (run) => ({ description: 'Misbehaves', effect: 'read', input: z.any(), output: z.any(), run })
export default definePlugin({
  id: 'acme.hostile', version: '1.0.0', type: 'utility', description: 'Misbehaves on demand.',
  actions: {
    echo: way(async (input) => input),
    sleep: way((ms, ctx) => new Promise((done) => { setTimeout(() => done('woke'), ms); ctx.signal.addEventListener('abort', () => done('aborted')) })),
    stubborn: way((ms) => new Promise((done) => setTimeout(() => done('late'), ms))),
    prototype: way(async () => frame(0x82, text('kind'), text('log'), text('__proto__'), 0x81, text('polluted'), 0xc3)),
    hugeFrame: way(async () => raw(0xff, 0xff, 0xff, 0xff)),
    hugeArray: way(async () => frame(0xdd, 0x7f, 0xff, 0xff, 0xff)),
    deep: way(async () => { const n = 60000; raw([0, 0, n >> 8, n & 255], Array(n).fill(0x91)) }),
    extension: way(async () => frame(0xc7, 0x03, 0x78, 0x92, 0xa1, 0x61)),
    unknownKind: way(async () => frame(0x81, text('kind'), text('sudo'))),
    truncated: way(() => { raw(0, 0, 0x0f, 0xff, 1, 2, 3); return new Promise(() => {}) }),
    strangeReply: way(async () => frame(0x83, text('kind'), text('result'), text('id'), 0xcd, 3, 231, text('output'), 1)),
    doubleReply: way(async (n) => frame(0x83, text('kind'), text('result'), text('id'), n, text('output'), 1)),
    strangeRequest: way(async () => frame(0x85, text('kind'), text('request'), text('call'), 0xcd, 3, 231, text('n'), 0, text('method'), text('kv.get'), text('params'), 0x80)),
    strangePong: way(async () => frame(0x82, text('kind'), text('pong'), text('n'), 0xcd, 3, 231)),
    greetAgain: way(async () => frame(0x82, text('kind'), text('hello'), text('protocol'), 1)),
    exit: way(async () => process.exit(0)),
    closeChannel: way(() => { fs.closeSync(channel); return new Promise(() => {}) }),
    hog: way(async () => forever()),
    swallow: way(async () => { process.on('uncaughtException', () => {}); setImmediate(() => { throw new Error('x') }); return 'alive' }),
    timerThrow: way(async () => { setTimeout(() => { throw new Error('thrown in a timer') }, 1); return new Promise(() => {}) }),
    unhandled: way(async () => { void Promise.reject(new Error('nobody catches it')); return new Promise(() => {}) }),
    backtrack: way(async () => /^(a+)+$/.test('a'.repeat(40) + '!')),
    threads: way(async () => { let n = 0; for (; n < 200; n++) try { new (process.getBuiltinModule('node:worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true, execArgv: [] }) } catch (e) { return 'held after ' + n + ': ' + e.code } return 'started ' + n }),
    heapBomb: way(async () => { const all = []; for (;;) all.push(Array(1000).fill(all.length)) }),
    bufferBomb: way(async () => { const all = []; for (;;) { all.push(Buffer.alloc(16_000_000, 1)); await new Promise(setImmediate) } }),
    sharedBomb: way(async () => { const all = []; for (;;) { const b = new SharedArrayBuffer(16_000_000); new Uint8Array(b).fill(1); all.push(b); await new Promise(setImmediate) } }),
    wasmBomb: way(async () => { const m = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }); for (;;) { const at = m.buffer.byteLength; m.grow(256); new Uint8Array(m.buffer, at).fill(1); await new Promise(setImmediate) } }),
    printFlood: way(async () => { const line = 'x'.repeat(1000) + '\\n'; for (;;) fs.writeSync(2, line) }),
    logFlood: way(async (_, ctx) => { for (;;) { for (let n = 0; n < 5000; n++) ctx.log.info('x'); await new Promise(setImmediate) } }),
    escapeCodes: way(async () => { console.log('\\u001b[31mred\\u001b[0m'); return 'printed' }),
    files: way(async () => { const all = []; try { for (;;) all.push(fs.openSync(process.argv[1])) } catch (e) { for (const f of all) fs.closeSync(f); return e.code } }),
    descriptors: way(async () => { let all = ''; for (let n = 4; n < 300; n++) try { if (fs.fstatSync(n).isFile()) all += fs.readFileSync(n, 'utf8') } catch {} return all }),
    big: way(async (bytes) => 'x'.repeat(bytes)),
    date: way(async () => new Date(0)),
  },
})`

export const loopingPlugin = `for (;;);`
