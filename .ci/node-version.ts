// Owns the answer to one question: does this run on the Node that GitHub's `using: node24` runs?
const [major] = process.versions.node.split('.');
process.stdout.write(`Node ${process.versions.node}\n`);
if (major !== '24') {
  process.stdout.write('Orch runs on Node 24: `npm ci` brings it on Linux and Windows; elsewhere install it.\n');
  process.exitCode = 1;
}
