import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import ts5 from 'typescript-5';

const folder = __dirname;

/** Compiles one file of this folder as a user of the package would, and gives the compiler's complaints. */
function complaints(file: string, options: ts.CompilerOptions, compiler: typeof ts = ts): string[] {
  const program = compiler.createProgram([path.resolve(folder, file)], {
    strict: true,
    exactOptionalPropertyTypes: false,
    skipLibCheck: false,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    ...options,
  });
  return compiler.getPreEmitDiagnostics(program).map((each) => {
    const line = each.file ? each.file.getLineAndCharacterOfPosition(each.start ?? 0).line + 1 : 0;
    const text = compiler.flattenDiagnosticMessageText(each.messageText, '\n');
    return `${path.basename(each.file?.fileName ?? '')}:${String(line)} ${text}`;
  });
}

describe('public declarations', () => {
  it('compile with lib.es2022 alone', () => {
    expect(complaints('without-dom.ts', { lib: ['lib.es2022.d.ts'], types: [] })).toEqual([]);
  }, 60_000);

  it('and those of lib.dom stand for one another', () => {
    expect(complaints('with-dom.ts', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] })).toEqual([]);
  }, 60_000);

  it('do so with TypeScript 5', () => {
    expect(complaints('with-dom.ts', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] }, ts5)).toEqual([]);
  }, 60_000);

  it('do so where iterators are disposable, as TypeScript 7 and @types/node 24 have them', () => {
    const lib = ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'];
    expect(complaints('with-dom.ts', { lib, types: [] })).toEqual([]);
  }, 60_000);

  it('compile with @types/node, as an ES module', () => {
    // What @types/node itself asks of lib checks is not ours: skipLibCheck would hide our files too, so filter.
    const found = complaints('with-node.mts', { lib: ['lib.es2023.d.ts'], types: ['node'] });
    expect(found.filter((each) => /^(with-node|index|polyfill)\b/.test(each))).toEqual([]);
  }, 60_000);

  it('say what the classes are', () => {
    const found = complaints('with-build.ts', {
      lib: ['lib.es2023.d.ts'],
      types: ['node'],
      skipLibCheck: true,
      exactOptionalPropertyTypes: true,
    });
    expect(found.filter((each) => each.startsWith('with-build'))).toEqual([]);
  }, 60_000);

  describe('of every entry are found from an application', () => {
    let application: string;
    beforeAll(() => {
      application = mkdtempSync(path.join(tmpdir(), 'peerwire-types-'));
      mkdirSync(path.join(application, 'node_modules'));
      symlinkSync(path.resolve(folder, '../..'), path.join(application, 'node_modules', 'peerwire'), 'dir');
      const source = `
        import { RTCPeerConnection } from 'peerwire';
        import { RTCVideoSource } from 'peerwire/nonstandard';
        import { installGlobals } from 'peerwire/polyfill';
        installGlobals({ RTCPeerConnection, RTCVideoSource });`;
      writeFileSync(path.join(application, 'main.ts'), source);
    });
    afterAll(() => {
      rmSync(application, { recursive: true, force: true });
    });

    // Node10 is what `module: commonjs` means in TypeScript 5; it does not read "exports".
    it.each([
      ['Node10', ts5.ModuleKind.CommonJS],
      ['Node16', ts5.ModuleKind.Node16],
      ['Bundler', ts5.ModuleKind.ESNext],
    ] as const)(
      'with module resolution %s',
      (name, module) => {
        const options = {
          lib: ['lib.es2022.d.ts'],
          types: [],
          module,
          moduleResolution: ts5.ModuleResolutionKind[name],
        };
        expect(complaints(path.join(application, 'main.ts'), options, ts5)).toEqual([]);
      },
      60_000,
    );
  });
});
