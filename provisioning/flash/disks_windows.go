package flash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/windows"
)

// getDisk asks Windows for its disks. Get-Disk knows the system's own, Win32_DiskDrive
// knows whether a medium can be taken out, Get-Partition knows the letters. @( ) keeps a
// list of one a list; the output is in UTF-8 whatever the console speaks.
const getDisk = `[Console]::OutputEncoding = [Text.Encoding]::UTF8
$letters = @(Get-Partition -ErrorAction SilentlyContinue | Where-Object DriveLetter | ForEach-Object { @{ Disk = [int]$_.DiskNumber; Letter = [string]$_.DriveLetter } })
$drives = @(Get-CimInstance Win32_DiskDrive | ForEach-Object { @{ Index = [int]$_.Index; MediaType = [string]$_.MediaType; Model = [string]$_.Model; Size = [string]$_.Size } })
$disks = @(Get-Disk | ForEach-Object { @{ Number = [int]$_.Number; Name = [string]$_.FriendlyName; Bus = [string]$_.BusType; Size = [string]$_.Size; Boot = [bool]$_.IsBoot; System = [bool]$_.IsSystem; ReadOnly = [bool]$_.IsReadOnly } })
$page = @(Get-CimInstance Win32_PageFileUsage -ErrorAction SilentlyContinue | ForEach-Object { [string]$_.Name })
ConvertTo-Json -Compress -Depth 4 @{ Disks = $disks; Drives = $drives; Letters = $letters; PageFiles = $page; SystemDrive = [string]$env:SystemDrive }`

// Disks lists the disks of this computer.
func Disks(ctx context.Context) ([]Disk, error) {
	out, err := powershell(ctx, getDisk)
	if err != nil {
		return nil, err
	}
	return parseGetDisk(out)
}

// Open takes a disk for ourselves. Windows writes no sector of a volume that it has
// mounted, so that the partitions go first, as diskpart's clean has it. Then the disk is
// opened without a cache between us and the card.
func Open(ctx context.Context, d Disk) (*device, error) {
	number := strings.TrimPrefix(d.Path, `\\.\PhysicalDrive`)
	if !elevated() {
		return nil, refuse("flash.rights_windows", nil)
	}
	if err := clean(ctx, number); err != nil {
		return nil, refuse("flash.busy", map[string]any{"at": strings.Join(append(d.Mounted, d.Path), ", ")})
	}
	name, err := windows.UTF16PtrFromString(d.Path)
	if err != nil {
		return nil, err
	}
	const noBuffering, writeThrough = 0x20000000, 0x80000000 // FILE_FLAG_NO_BUFFERING, FILE_FLAG_WRITE_THROUGH
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, noBuffering|writeThrough, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, refuse("flash.rights_windows", nil)
	case err != nil:
		return nil, fmt.Errorf("flash: opening %s: %w", d.Path, err)
	}
	return &device{os.NewFile(uintptr(h), d.Path)}, nil
}

// clean takes all partitions from a disk. PowerShell's Clear-Disk refuses some readers that
// diskpart takes; diskpart says that it failed only when it reads a script.
func clean(ctx context.Context, number string) error {
	script, err := os.CreateTemp("", "jeudi-*.txt")
	if err != nil {
		return err
	}
	defer os.Remove(script.Name())
	_, err = fmt.Fprintf(script, "select disk %s\r\nclean\r\n", number)
	if err := errors.Join(err, script.Close()); err != nil {
		return err
	}
	return exec.CommandContext(ctx, "diskpart", "/s", script.Name()).Run()
}

// elevated reports whether this program runs as an administrator.
func elevated() bool { return windows.GetCurrentProcessToken().IsElevated() }

// Forget has nothing to do: the disk was opened without a cache.
func (d *device) Forget() error { return nil }

// Eject lets a closed disk go, so that it can be pulled out: Windows ejects a drive letter,
// which the start partition gets when the disk is read anew. An error means that people
// have to do it: nothing is lost by it.
func Eject(ctx context.Context, d Disk) error {
	number := strings.TrimPrefix(d.Path, `\\.\PhysicalDrive`)
	_, err := powershell(ctx, fmt.Sprintf(`$ErrorActionPreference = 'Stop'
Update-Disk -Number %[1]s
$letter = Get-Partition -DiskNumber %[1]s | Where-Object DriveLetter | Select-Object -First 1 -ExpandProperty DriveLetter
if (-not $letter) { exit 1 }
(New-Object -ComObject Shell.Application).Namespace(17).ParseName("${letter}:").InvokeVerb("Eject")`, number))
	return err
}

// powershell runs a script and returns what it prints.
func powershell(ctx context.Context, script string) ([]byte, error) {
	return tool(ctx, "powershell", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-Command", script)
}
