/** The TCP proxy between a client and a server that echoes what it is sent. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { TcpProxy } from '../../lab/tcp-proxy';
import { until } from '../support/until';

const HOST = '127.0.0.1';

describe('the TCP proxy', () => {
  let server: Server;
  let proxy: TcpProxy;
  const clientsOfServer: Socket[] = [];
  let heardByServer = '';

  beforeEach(async () => {
    heardByServer = '';
    clientsOfServer.length = 0;
    server = createServer((socket) => {
      clientsOfServer.push(socket);
      socket
        .on('error', () => {})
        .on('data', (bytes) => {
          heardByServer += bytes.toString();
          socket.write(bytes);
        });
    });
    server.listen(0, HOST);
    await once(server, 'listening');
    proxy = await TcpProxy.open({ host: HOST, port: (server.address() as AddressInfo).port });
  });
  afterEach(async () => {
    await proxy.close();
    for (const socket of clientsOfServer) socket.destroy();
    server.close();
  });

  async function client() {
    const socket = connect(proxy.port, HOST);
    await once(socket, 'connect');
    const state = { socket, heard: '', isClosed: false };
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        state.heard += bytes.toString();
      });
    socket.on('close', () => {
      state.isClosed = true;
    });
    return state;
  }

  it('passes bytes both ways', async () => {
    const ada = await client();
    ada.socket.write('hello');
    await until('the proxy', () => ada.heard === 'hello');
  });

  it('cuts at a reply: the server has heard, the client never hears', async () => {
    const ada = await client();
    proxy.afterReplies(1, 'cut');
    ada.socket.write('one');
    await until('the proxy', () => ada.heard === 'one');
    ada.socket.write('two');
    await until('the proxy', () => ada.isClosed);
    expect({ heard: ada.heard, heardByServer, cutCount: proxy.cutCount }).toEqual({
      heard: 'one',
      heardByServer: 'onetwo',
      cutCount: 1,
    });
  });

  it('loses replies by what they say, also when it comes in two pieces, as often as it was told', async () => {
    const ada = await client();
    proxy.loseReplies('done', 2);
    ada.socket.write('one');
    await until('the proxy', () => ada.heard === 'one');
    ada.socket.write('do');
    await until('the proxy', () => ada.heard === 'onedo');
    ada.socket.write('ne');
    await until('the proxy', () => ada.isClosed);
    const grace = await client();
    grace.socket.write('done');
    await until('the proxy', () => grace.isClosed);
    const mary = await client();
    mary.socket.write('done');
    await until('the proxy', () => mary.heard === 'done');
    expect({ ada: ada.heard, grace: grace.heard, cutCount: proxy.cutCount }).toEqual({
      ada: 'onedo',
      grace: '',
      cutCount: 2,
    });
  });

  it('leaves a client half open: the server sees it gone, and what the client sends vanishes', async () => {
    const ada = await client();
    ada.socket.write('one');
    await until('the proxy', () => ada.heard === 'one');
    proxy.halfOpenAll();
    await until('the proxy', () => clientsOfServer[0]?.destroyed === true);
    ada.socket.write('two');
    const grace = await client();
    grace.socket.write('three');
    await until('the proxy', () => grace.heard === 'three');
    expect({ isClosed: ada.isClosed, heard: ada.heard, heardByServer }).toEqual({
      isClosed: false,
      heard: 'one',
      heardByServer: 'onethree',
    });
    proxy.cutAll();
    await until('the proxy', () => ada.isClosed && grace.isClosed);
  });

  it('ends the connection of a client whose server is not there', async () => {
    await proxy.close();
    proxy = await TcpProxy.open({ host: HOST, port: 1 });
    const ada = await client();
    await until('the proxy', () => ada.isClosed);
  });
});
