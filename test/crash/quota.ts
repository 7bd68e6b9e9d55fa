/** Run before the program: its account's quota is used up, below the folder that `LANCEUR_TEST_QUOTA` names. */
const folder = Deno.env.get("LANCEUR_TEST_QUOTA") ?? "";
const open = Deno.open;
const write = Deno.FsFile.prototype.write;
const limited = new WeakSet<Deno.FsFile>();

Deno.open = async (path, options) => {
  const file = await open(path, options);
  if (options?.write && String(path).startsWith(folder)) limited.add(file);
  return file;
};
Deno.FsFile.prototype.write = function (bytes) {
  if (!limited.has(this)) return write.call(this, bytes);
  // As Deno says it; small kernels of test machines have no quotas.
  return Promise.reject(Object.assign(new Error("Disk quota exceeded (os error 122)"), { code: "EDQUOT" }));
};
