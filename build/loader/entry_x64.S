/* Where the kernel starts the merged program. The kernel found no interpreter, so two entries of the
   auxiliary vector are not what musl's loader expects of one: AT_BASE (7) is set to where the loader
   lies, AT_ENTRY (9) to where the program wants to be entered. Then the loader starts as usual. */
.text
.global merged_start
.type merged_start,@function
merged_start:
	xor %ebp,%ebp
	mov (%rsp),%rax                 /* argc */
	lea 16(%rsp,%rax,8),%rsi        /* past argv and its null: the environment */
1:	mov (%rsi),%rax
	add $8,%rsi
	test %rax,%rax
	jnz 1b
2:	mov (%rsi),%rax                 /* the auxiliary vector: pairs of type and value */
	test %rax,%rax
	jz 5f
	cmp $7,%rax
	jne 3f
	lea __ehdr_start(%rip),%rdx
	mov %rdx,8(%rsi)
3:	cmp $9,%rax
	jne 4f
	mov merged_entry(%rip),%rdx
	mov %rdx,8(%rsi)
4:	add $16,%rsi
	jmp 2b
5:	xor %edx,%edx
	jmp _dlstart
.hidden __ehdr_start
.hidden _dlstart

/* build/merge.ts writes the program's own entry here. */
.section .rodata
.global merged_entry
.balign 8
merged_entry:
	.quad 0x1122334455667788
.section .note.GNU-stack,"",@progbits
