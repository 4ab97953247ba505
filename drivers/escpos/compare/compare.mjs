// Encodes the French ticket of the Go benchmarks, without and with a picture of
// 384 × 200 dots, with receipt-printer-encoder, and prints what that takes in
// the form of Go's benchmarks. Run by make bench.
import ReceiptPrinterEncoder from "@point-of-sale/receipt-printer-encoder";

const options = { columns: 48, language: "esc-pos", newline: "\n", imageMode: "raster" };

/** The same picture as in raster_bench_test.go. */
function picture() {
  const width = 384, height = 200, data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const black = Math.floor((x * x + y * y) / 700) % 3 === 0;
      data.set(black ? [0, 0, 0, 255] : [255, 255, 255, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** The same lines as frenchTicket. */
function ticket(image) {
  const e = new ReceiptPrinterEncoder(options);
  const bold = (text) => e.bold(true).line(text).bold(false);
  const columns = (a, b) => e.table([{ width: 24, align: "left" }, { width: 24, align: "right" }], [[a, b]]);
  e.initialize().codepage("windows1252");
  e.align("center").bold(true).size(8, 8).line("42").size(1, 1);
  e.line("Centre social des Tilleuls").bold(false);
  e.line("12 rue de l’Église, 35000 Rennes").line("02 99 00 00 00").align("left");
  e.rule({ style: "single" });
  e.size(2, 2).bold(true).line("2 personnes avant vous").bold(false).size(1, 1);
  e.line("Imprimé le jeudi 3 avril à 14 h 05");
  bold("Documents utiles");
  e.line("– une pièce d’identité");
  e.line("– votre numéro d’allocataire, et 12 € pour la carte d’adhésion");
  e.line("– le dernier courrier reçu, même s’il n’est pas ouvert : « cœur » du dossier");
  bold("Prochaines permanences");
  columns("jeudi 10 avril", "14 h – 17 h");
  columns("jeudi 17 avril", "14 h – 17 h");
  if (image) e.align("center").image(image, image.width, image.height, "threshold");
  e.cut("partial");
  return e.encode();
}

function measure(name, image) {
  for (let i = 0; i < 200; i++) ticket(image); // compiled by then
  const times = [];
  for (let i = 0; i < 1000; i++) {
    const start = process.hrtime.bigint();
    ticket(image);
    times.push(Number(process.hrtime.bigint() - start));
  }
  const mean = times.reduce((a, b) => a + b) / times.length;
  console.log(`Benchmark${name}\t${times.length}\t${Math.round(mean)} ns/op\t${ticket(image).length} bytes/ticket`);
}

const start = process.hrtime.bigint();
ticket();
console.log(`BenchmarkOtherEncoderFirst\t1\t${process.hrtime.bigint() - start} ns/op`);
measure("OtherEncoderText");
measure("OtherEncoderImage", picture());
