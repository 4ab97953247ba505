// Package proof starts the card image in a virtual machine as a Raspberry Pi would, and
// cuts its power.
//
// What QEMU does not have of a Pi is its first stage: the firmware that reads autoboot.txt
// of the card's first partition, takes the kernel and its first files from the boot
// partition named there, and tells the kernel which one that was and whether it is a trial.
// Firmware plays that part from the bytes of the card, by the rules of Raspberry Pi's
// documentation. Everything from the kernel on is the card's own.
//
// A power cut is not a killed machine: QEMU's blklogwrites keeps each write and flush of
// the guest, WriteLog reads them, and Replay rebuilds the disk as a cut leaves it that
// loses or tears what the disk had not been told to keep.
package proof
