/** The compose project as a real parser reads it. */
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { composeServices, imageTable } from '../support/compose';
import { ROOT } from '../support/markdown-page';
import { COMPOSE, describeTool } from '../support/tool';

describeTool(COMPOSE, 'docker-compose.yml', () => {
  it('is accepted, with every image of the table in its place', () => {
    const text = execFileSync('docker-compose', ['config'], { encoding: 'utf8', cwd: ROOT });
    const { services } = parse(text);
    expect(Object.keys(services).sort()).toEqual(Object.keys(composeServices()).sort());
    for (const [name, image] of imageTable()) {
      if (name === 'NODE_IMAGE') expect(services.load.build.args).toEqual({ NODE_IMAGE: image });
      else expect(Object.values<{ readonly image: string }>(services).map((service) => service.image)).toContain(image);
    }
  });

  it('may be scaled: nothing of ours takes a port of the host that is named', () => {
    const text = execFileSync('docker-compose', ['config'], { encoding: 'utf8', cwd: ROOT });
    for (const name of ['projector-shared', 'projector-key-shared', 'load']) {
      expect(parse(text).services[name].ports).toBeUndefined();
    }
    /** Docker picks a free one for each replica. */
    expect(parse(text).services['command-api'].ports).toEqual(['127.0.0.1::3000/tcp']);
  });
});
