package flash

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// A Release is what Raspberry Pi Imager says of an image.
type Release struct {
	Version string
	Day     time.Time
	URL     string // where the image is fetched; "" for the file beside the manifest's writer
}

// Manifest makes a .rpi-imager-manifest for an image: the file that a technician opens with
// Raspberry Pi Imager 2 so that it offers this image, checks what it wrote, and asks for
// the Wi-Fi. It reads the whole image.
//
// Imager's "use custom" would offer no questions, and its version 1 would write a
// firstrun.sh that nothing runs. The format is Imager's os_list (doc/json-schema of
// raspberrypi/rpi-imager); init_format rpi-preseed has it write one rpi-preseed.toml on the
// first partition, of which the box reads what site.ReadPreseed says.
func Manifest(ctx context.Context, img *Image, rel Release) ([]byte, error) {
	r, err := img.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	sum, total, buf := sha256.New(), int64(0), aligned(piece)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := fill(r, buf)
		sum.Write(buf[:n])
		total += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("flash: unpacking: %w", err)
		}
	}
	if err := r.whole(img.sum); err != nil {
		return nil, err
	}
	where := rel.URL
	if where == "" {
		path, err := filepath.Abs(img.Path)
		if err != nil {
			return nil, fmt.Errorf("flash: %w", err)
		}
		where = fileURL(path)
	}
	type entry struct {
		Name         string   `json:"name"`
		Description  string   `json:"description"`
		Icon         string   `json:"icon"`
		URL          string   `json:"url"`
		ExtractSize  int64    `json:"extract_size"`
		ExtractSum   string   `json:"extract_sha256"`
		DownloadSize int64    `json:"image_download_size"`
		DownloadSum  string   `json:"image_download_sha256"`
		ReleaseDate  string   `json:"release_date"`
		InitFormat   string   `json:"init_format"`
		Devices      []string `json:"devices"`
	}
	text, err := json.MarshalIndent(map[string]any{"os_list": []entry{{
		Name:        "Jeudi " + rel.Version,
		Description: "La borne d’accueil des permanences numériques, pour Raspberry Pi 3, 4 et 5",
		Icon:        icon,
		URL:         where, ExtractSize: total, ExtractSum: hex.EncodeToString(sum.Sum(nil)),
		DownloadSize: r.taken.n, DownloadSum: hex.EncodeToString(r.taken.sum.Sum(nil)),
		ReleaseDate: rel.Day.UTC().Format(time.DateOnly),
		InitFormat:  "rpi-preseed",
		Devices:     []string{"pi3-64bit", "pi4-64bit", "pi5-64bit"},
	}}}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("flash: %w", err)
	}
	return append(text, '\n'), nil
}

// fileURL is the address of a local file, on Windows too: file:///C:/jeudi.img.xz.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// icon is one that Imager has itself, so that the manifest needs no network.
const icon = "../icons/use_custom.png"
